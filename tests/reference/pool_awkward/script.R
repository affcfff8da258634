# Pooling of sets of awkward shape: two studies, tau squared at its boundary and with two maxima of
# its likelihood, studies in which everybody had the event, funnels whose slope hangs on the model.
source("../write.R")
suppressPackageStartupMessages(library(metafor))

effects <- read.csv("../data/meta_awkward_effects.csv")
counts <- read.csv("../data/meta_awkward_counts.csv")
tight <- list(threshold = 1e-14, maxiter = 10000, tol = 1e-14, tau2.max = 1e6)

for (set in unique(effects$set)) {
  d <- effects[effects$set == set, ]
  for (method in c("DL", "REML", "PM")) {
    control <- tight
    # Fisher scoring ends at the lower of two maxima, or nowhere; it is told where to begin.
    if (set == "two maxima" && method == "REML") control <- c(tight, tau2.init = 0.034, stepadj = 0.5)
    for (test in c("z", "knha")) {
      fit <- rma(value, variance, data = d, method = method, test = test, control = control)
      new <- predict(fit)
      case <- paste(set, method, test)
      note(case, "value", fit$beta[1]); note(case, "error", fit$se)
      note(case, "low", fit$ci.lb); note(case, "high", fit$ci.ub); note(case, "p", fit$pval)
      note(case, "tau2", fit$tau2); note(case, "i2", fit$I2)
      note(case, "new low", new$pi.lb); note(case, "new high", new$pi.ub)
    }
    if (method == "REML") {
      note(set, "height", as.numeric(logLik(fit)))
      ends <- confint(fit, control = list(tol = 1e-13, maxiter = 100000, tau2.max = 1e6))$random
      note(set, "tau2 low", ends["tau^2", "ci.lb"]); note(set, "tau2 high", ends["tau^2", "ci.ub"])
    }
  }
  if (nrow(d) < 3) next
  # The likelihood of two maxima is left out: trimfill cannot be told where scoring begins.
  for (method in c("DL", if (set != "two maxima") "REML")) {
    fill <- trimfill(rma(value, variance, data = d, method = method, control = tight))
    case <- paste(set, method, "filled")
    note(case, "missing", fill$k0); note(case, "right", as.numeric(fill$side == "right"))
    note(case, "value", fill$beta[1]); note(case, "error", fill$se)
  }
}

for (set in unique(counts$set)) {
  d <- counts[counts$set == set, ]
  for (measure in c("OR", "RR", "RD")) {
    fit <- rma.mh(ai = events, n1i = n, ci = reference_events, n2i = reference_n, data = d,
                  measure = measure, correct = FALSE)
    case <- paste(set, measure)
    note(case, "value", fit$beta[1]); note(case, "error", fit$se)
    note(case, "low", fit$ci.lb); note(case, "high", fit$ci.ub); note(case, "p", fit$pval)
  }
  fit <- rma.peto(ai = events, n1i = n, ci = reference_events, n2i = reference_n, data = d)
  case <- paste(set, "Peto")
  note(case, "value", fit$beta[1]); note(case, "error", fit$se); note(case, "q", fit$QE)
}

write_rows(c("metafor"))
