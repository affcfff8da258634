# Fine-Gray regressions of relapse and of death without relapse, with and without many ties.
suppressMessages(library(cmprsk))
source("../write.R")

record <- function(case, time, cause, event, covariates) {
  fit <- crr(time, cause, covariates, failcode = event, gtol = 1e-10)
  errors <- sqrt(diag(fit$var))
  for (index in seq_along(fit$coef)) {
    note(case, paste("coefficient", index), unname(fit$coef[index]))
    note(case, paste("error", index), errors[index])
  }
  note(case, "null log-likelihood", fit$loglik.null)
  note(case, "log-likelihood", fit$loglik)
}

bmt <- read.csv("../data/KMsurv_bmt.csv")
cause <- ifelse(bmt$d2 == 1, 1, ifelse(bmt$d1 == 1, 2, 0))
covariates <- cbind(bmt$z1, bmt$group == 2, bmt$group == 3)
record("bmt: relapse", bmt$t2, cause, 1, covariates)
record("bmt: death", bmt$t2, cause, 2, covariates)
record("bmt: relapse 100 days", ceiling(bmt$t2 / 100), cause, 1, covariates)
record("bmt: death years", ceiling(bmt$t2 / 365.25), cause, 2, covariates)
timereg <- read.csv("../data/timereg_bmt.csv")
record("timereg", timereg$time, timereg$cause, 1, cbind(timereg$platelet, timereg$age, timereg$tcell))
write_rows("cmprsk")
