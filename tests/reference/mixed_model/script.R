# Linear mixed models of repeated measurements: REML of lme4, degrees of freedom of nlme in balanced
# rows, and of Satterthwaite with covariance matrices written out.
source("../write.R")
suppressMessages(library(lme4))
suppressMessages(library(nlme))

# Made up: log counts of 14 patients on days 0, 7, 14, 28 and 56, with own levels and own slopes.
long <- expand.grid(day = c(0, 7, 14, 28, 56), patient = 1:14)
long$arm <- ifelse(long$patient %% 2 == 0, "msc", "control")
level <- 0.9 * sin(3 * long$patient) + 0.3 * cos(7 * long$patient)
slope <- 0.012 * cos(5 * long$patient + 1)
noise <- 0.35 * sin(11 * long$patient + 2.3 * long$day + long$day^2 %% 17)
long$y <- exp(3 + level + 0.5 * (long$arm == "msc") + (0.01 + slope) * long$day + noise)
for (name in c("day", "patient", "y")) for (value in long[[name]]) note("given", name, value)
gaps <- long[(long$patient * 3 + long$day) %% 5 != 0 | long$patient > 11, ]

tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))
fixed <- function(case, fit) {
  effects <- fixef(fit); errors <- sqrt(diag(as.matrix(vcov(fit))))
  for (name in names(effects)[-1]) {
    note(case, paste("coefficient", name), effects[[name]])
    note(case, paste("error", name), errors[[name]])
  }
  found <- as.data.frame(VarCorr(fit))
  note(case, "sd_patients", found$sdcor[1])
  note(case, "sd_rest", found$sdcor[found$grp == "Residual"])
  if (nrow(found) > 2) { note(case, "sd_slopes", found$sdcor[2]); note(case, "correlation", found$sdcor[3]) }
  note(case, "log_likelihood", as.numeric(logLik(fit)))
}

# Satterthwaite: V written out, derivatives by optimHess and differences.
satterthwaite <- function(case, formula, data, fit) {
  x <- model.matrix(formula, data); y <- log(data$y)
  same <- outer(data$patient, data$patient, "==") * 1
  covariance <- function(p) same * p[1] + diag(p[2], nrow(x))
  deviance <- function(p) {
    v <- covariance(p); inverse <- solve(v); inner <- t(x) %*% inverse %*% x
    rest <- y - x %*% solve(inner, t(x) %*% inverse %*% y)
    as.numeric(determinant(v)$modulus + determinant(inner)$modulus + t(rest) %*% inverse %*% rest)
  }
  of <- function(p) diag(solve(t(x) %*% solve(covariance(p)) %*% x))
  found <- as.data.frame(VarCorr(fit)); p <- found$vcov[c(1, 2)]
  spread <- 2 * solve(optimHess(p, deviance, control = list(ndeps = 1e-3 * p)))
  slopes <- sapply(1:2, function(k) {
    h <- 1e-4 * p[k]; e <- replace(c(0, 0), k, h); (of(p + e) - of(p - e)) / (2 * h)
  })
  for (k in seq_len(ncol(x))[-1]) {
    doubt <- t(slopes[k, ]) %*% spread %*% slopes[k, ]
    note(case, paste("degrees", colnames(x)[k]), 2 * of(p)[k]^2 / as.numeric(doubt))
  }
}

fit <- lmer(log(y) ~ arm + day + (1 | patient), long, control = tight)
fixed("balanced", fit)
table <- summary(lme(log(y) ~ arm + day, random = ~ 1 | patient, data = long))$tTable
for (name in rownames(table)[-1]) {
  note("balanced", paste("degrees", name), table[name, "DF"])
  note("balanced", paste("p_value", name), table[name, "p-value"])
}
fit <- lmer(log(y) ~ arm + day + (1 | patient), gaps, control = tight)
fixed("gaps", fit); satterthwaite("gaps", ~ arm + day, gaps, fit)
fixed("gaps with slopes", lmer(log(y) ~ arm + day + (1 + day | patient), gaps, control = tight))
fixed("slopes", lmer(log(y) ~ arm + day + (1 + day | patient), long, control = tight))
fixed("values", lmer(y ~ arm + day + (1 | patient), gaps, control = tight))
# Three groups, and courses that may part: terms together by lmerTest.
suppressMessages(library(lmerTest))
together <- function(case, formula, term, data) {
  found <- anova(lmerTest::lmer(formula, data, control = tight))[term, ]
  note(case, "statistic", found[["F value"]]); note(case, "numerator", found$NumDF)
  note(case, "denominator", found$DenDF); note(case, "p_value", found[["Pr(>F)"]])
}
long$dose <- c("high", "low", "none")[long$patient %% 3 + 1]
gaps$dose <- c("high", "low", "none")[gaps$patient %% 3 + 1]
together("together balanced", log(y) ~ day + dose + (1 | patient), "dose", long)
together("together gaps", log(y) ~ day + dose + (1 | patient), "dose", gaps)
together("together parting", log(y) ~ day + dose + dose:day + (1 | patient), "day:dose", gaps)
write_rows(c("lme4", "nlme", "lmerTest"))
