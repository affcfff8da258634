# Logistic regressions: maximum likelihood with profile intervals (MASS), and Firth's penalty.
# No package of Debian has Firth's method, so that the penalised likelihood is maximised here by optim.
suppressMessages(library(MASS))
source("../write.R")

record <- function(case, formula, data) {
  fit <- glm(formula, binomial, data, control = list(epsilon = 1e-14, maxit = 100))
  limits <- suppressMessages(confint(profile(fit, del = 0.02, maxsteps = 2000)))
  for (index in seq_along(coef(fit))[-1]) {
    note(case, paste("coefficient", index - 1), unname(coef(fit)[index]))
    note(case, paste("error", index - 1), unname(sqrt(diag(vcov(fit)))[index]))
    note(case, paste("low", index - 1), limits[index, 1])
    note(case, paste("high", index - 1), limits[index, 2])
  }
  note(case, "likelihood ratio", fit$null.deviance - fit$deviance)
}

record_firth <- function(case, formula, data) {
  frame <- model.frame(formula, data)
  x <- scale(model.matrix(formula, frame)[, -1, drop = FALSE])
  size <- attr(x, "scaled:scale")
  x <- cbind(1, x)
  y <- model.response(frame)
  value <- function(beta) {
    score <- drop(x %*% beta)
    share <- plogis(score)
    information <- crossprod(x * sqrt(share * (1 - share)))
    sum(y * score - log1p(exp(score))) + 0.5 * as.numeric(determinant(information)$modulus)
  }
  climb <- function(f, start) {
    for (turn in 1:6) {
      found <- optim(start, function(b) -f(b), method = "BFGS",
                     control = list(reltol = 1e-16, maxit = 1000, ndeps = rep(1e-5, length(start))))
      start <- found$par
    }
    list(par = found$par, value = -found$value)
  }
  best <- climb(value, c(qlogis(mean(y)), rep(0, ncol(x) - 1)))
  for (index in 2:ncol(x)) {
    profiled <- function(held) {
      climb(function(b) value(append(b, held, index - 1)), best$par[-index])$value
    }
    end <- function(side) {
      uniroot(function(far) best$value - profiled(best$par[index] + side * far) - qchisq(0.95, 1) / 2,
              c(0.01, 12), tol = 1e-9)$root * side + best$par[index]
    }
    note(case, paste("coefficient", index - 1), best$par[index] / size[index - 1])
    note(case, paste("low", index - 1), end(-1) / size[index - 1])
    note(case, paste("high", index - 1), end(1) / size[index - 1])
  }
}

bmt <- read.csv("../data/KMsurv_bmt.csv")
bmt$group <- factor(bmt$group)
record("bmt: relapse", d2 ~ z1 + group, bmt)
record("bmt: chronic GVHD", dc ~ z1 + z3 + z10, bmt)
record_firth("firth: bmt relapse", d2 ~ z1 + group, bmt)
# Nobody of the first twelve with z10 relapses: separated.
few <- bmt[seq(1, 137, 4), ]
few$never <- ifelse(few$d2 == 1, 0, few$z10)
record_firth("firth: separated", d2 ~ never + z1, few)
write_rows("MASS")
