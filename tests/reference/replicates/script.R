# Trials nested in studies, studies in draws: components of variance.
source("../write.R")
suppressMessages(library(lme4))
veteran <- read.csv("../data/survival_veteran.csv")

# Balanced: mean squares of nested linear models, and REML, which equals them where none is below 0.
y <- log(veteran$time[1:96]) + rep(c(0, 1.5, -1, 2, 0.5, -2), each = 16) +
  rep(rep(c(0.6, -0.8, 0.9, -0.4), each = 4), 6)
draw <- factor(rep(1:6, each = 16))
study <- factor(rep(1:24, each = 4))
fit <- lmer(y ~ 1 + (1 | draw) + (1 | study), REML = TRUE,
  control = lmerControl(optCtrl = list(ftol_abs = 1e-14, xtol_abs = 1e-14)))
found <- as.data.frame(VarCorr(fit))
sd_of <- function(name) found$sdcor[found$grp == name]
note("balanced", "value", mean(y))
note("balanced", "low", unname(quantile(y, 0.05)))
note("balanced", "high", unname(quantile(y, 0.95)))
note("balanced", "sd_patients", sd_of("Residual"))
note("balanced", "sd_studies", sd_of("study"))
note("balanced", "sd_parameters", sd_of("draw"))
note("balanced", "error", sd(tapply(y, draw, mean)) / sqrt(6))
note("balanced", "se_of_reml", unname(sqrt(vcov(fit)[1, 1])))

# Unbalanced: expected mean squares by the coefficients of Searle, Casella and McCulloch.
keep <- setdiff(seq_along(y), c(1, 2, 3, 20, 21, 38, 39, 40, 55, 70, 71, 90))
y <- y[keep]; draw <- droplevels(draw[keep]); study <- droplevels(study[keep])
table <- anova(lm(y ~ draw / study))
squares <- table[["Mean Sq"]]
n_ij <- tapply(y, study, length); of <- tapply(as.integer(draw), study, function(x) x[1])
n_i <- tapply(y, draw, length); n <- length(y); a <- nlevels(draw); b <- nlevels(study)
inner <- sum(tapply(n_ij^2, of, sum) / n_i)
k1 <- (n - inner) / (b - a); k2 <- (inner - sum(n_ij^2) / n) / (a - 1); k3 <- (n - sum(n_i^2) / n) / (a - 1)
within <- squares[3]; between <- (squares[2] - within) / k1
note("unbalanced", "sd_patients", sqrt(within))
note("unbalanced", "sd_studies", sqrt(between))
note("unbalanced", "sd_parameters", sqrt((squares[1] - within - k2 * between) / k3))
write_rows("lme4")
