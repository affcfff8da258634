# Pooling of published results: metafor for everything it has, lme4 for the binomial model.
source("../write.R")
suppressPackageStartupMessages({library(metafor); library(lme4)})

two <- read.csv("../data/meta_two_groups.csv")
one <- read.csv("../data/meta_one_group.csv")
tight <- list(threshold = 1e-14, maxiter = 1000, tol = 1e-14)

rows_of <- function(case, prefix, values) {
  for (i in seq_along(values)) note(case, paste(prefix, i - 1), values[i])
}

escalc_of <- function(set, measure, ...) {
  d <- two[two$set == set, ]
  escalc(measure, ai = events, n1i = n, ci = reference_events, n2i = reference_n, data = d, ...)
}

describe <- function(case, res) {
  note(case, "value", res$beta[1])
  note(case, "error", res$se[1])
  note(case, "low", res$ci.lb[1])
  note(case, "high", res$ci.ub[1])
  note(case, "p", res$pval[1])
  note(case, "q", res$QE)
  note(case, "q p", res$QEp)
  note(case, "tau2", res$tau2)
  note(case, "i2", res$I2)
  note(case, "h2", res$H2)
}

# Effects and their pooled values.
for (set in unique(two$set)) {
  for (measure in c("RR", "OR", "RD")) {
    es <- escalc_of(set, measure, add = 1/2, to = if (measure == "RD") "none" else "only0")
    kept <- !is.na(es$yi) & !is.na(es$vi) & es$vi > 0
    es <- es[kept, ]
    base <- paste(set, measure)
    rows_of(base, "effect", es$yi)
    rows_of(base, "variance", es$vi)
    for (method in c("EE", "DL", "REML", "PM")) {
      for (test in c("z", "knha")) {
        if (method == "EE" && test == "knha") next
        res <- rma(yi, vi, data = es, method = method, test = test, control = tight)
        case <- paste(base, method, test)
        describe(case, res)
        if (method != "EE") {
          new <- predict(res)
          note(case, "new low", new$pi.lb)
          note(case, "new high", new$pi.ub)
        }
      }
    }
    res <- rma(yi, vi, data = es, method = "REML", control = tight)
    ci <- confint(res, control = list(tol = 1e-13, maxiter = 10000))
    note(base, "tau2 low", ci$random["tau^2", "ci.lb"])
    note(base, "tau2 high", ci$random["tau^2", "ci.ub"])
    egger <- regtest(es$yi, es$vi, model = "lm")
    note(base, "egger t", egger$zval)
    note(base, "egger p", egger$pval)
    note(base, "egger limit", egger$est)
    for (method in c("DL", "REML")) {
      res <- rma(yi, vi, data = es, method = method, control = tight)
      fill <- trimfill(res, control = list(maxiter = 200))
      note(paste(base, method), "filled", fill$k0)
      note(paste(base, method), "filled value", fill$beta[1])
      note(paste(base, method), "filled error", fill$se[1])
    }
    res <- rma(yi, vi, data = es, method = "REML", control = tight)
    gone <- leave1out(res)
    rows_of(base, "without", gone$estimate)
    rows_of(base, "without tau2", gone$tau2)
    inf <- influence(res)$inf
    rows_of(base, "rstudent", inf$rstudent)
    rows_of(base, "dffits", inf$dffits)
    rows_of(base, "cook", inf$cook.d)
    rows_of(base, "covariance ratio", inf$cov.r)
    rows_of(base, "hat", inf$hat)
    es$year <- as.numeric(es$year)
    added <- cumul(rma(yi, vi, data = es, method = "REML", control = tight), order = es$year)
    rows_of(base, "added", added$estimate)
  }
}

# Moderators.
es <- escalc_of("bcg", "RR")
for (test in c("z", "knha")) {
  res <- rma(yi, vi, mods = ~ latitude + year, data = es, method = "REML", test = test, control = tight)
  case <- paste("bcg moderators", test)
  rows_of(case, "coefficient", res$beta)
  rows_of(case, "error", res$se)
  rows_of(case, "p", res$pval)
  rows_of(case, "low", res$ci.lb)
  note(case, "tau2", res$tau2)
  note(case, "q", res$QE)
  note(case, "i2", res$I2)
  note(case, "test", res$QM)
  note(case, "test p", res$QMp)
  note(case, "explained", res$R2)
}

# Tables as they are.
for (set in unique(two$set)) {
  d <- two[two$set == set, ]
  for (measure in c("OR", "RR", "RD")) {
    res <- rma.mh(ai = events, n1i = n, ci = reference_events, n2i = reference_n, data = d,
                  measure = measure, correct = FALSE)
    case <- paste(set, "MH", measure)
    note(case, "value", res$beta); note(case, "error", res$se)
    note(case, "low", res$ci.lb); note(case, "high", res$ci.ub)
  }
  res <- rma.peto(ai = events, n1i = n, ci = reference_events, n2i = reference_n, data = d)
  case <- paste(set, "Peto")
  note(case, "value", res$beta); note(case, "error", res$se)
  note(case, "low", res$ci.lb); note(case, "high", res$ci.ub)
  note(case, "q", res$QE); note(case, "q p", res$QEp)
}

# Shares of single groups.
for (set in c("hyperdynamic", "bcg", "catheters")) {
  d <- if (set == "hyperdynamic") one else
    data.frame(events = two$events[two$set == set], n = two$n[two$set == set])
  for (measure in c("PLO", "PFT")) {
    es <- escalc(measure, xi = events, ni = n, data = d, to = "only0")
    case <- paste(set, measure)
    rows_of(case, "effect", es$yi)
    rows_of(case, "variance", es$vi)
    res <- rma(yi, vi, data = es, method = "REML", control = tight)
    describe(case, res)
    if (measure == "PFT") {
      for (bound in c("value", "low", "high")) {
        at <- c(value = res$beta, low = res$ci.lb, high = res$ci.ub)[bound]
        note(case, paste("share", bound), transf.ipft.hm(at, targs = list(ni = d$n)))
      }
    }
  }
  d$study <- factor(seq_len(nrow(d)))
  fit <- glmer(cbind(events, n - events) ~ 1 + (1 | study), data = d, family = binomial, nAGQ = 25,
               control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
  case <- paste(set, "GLMM")
  note(case, "log odds", fixef(fit))
  note(case, "error", sqrt(vcov(fit)[1, 1]))
  note(case, "tau2", as.numeric(VarCorr(fit)$study))
}

# Controlled and single-arm studies together: log odds of controls differ between studies, and the
# effect has a spread of its own in treated arms.
d <- two[two$set == "magnesium" & two$events > 0 & two$reference_events > 0, ]
alone <- two[two$set == "bcg", ][1:5, ]
arm <- function(events, n, treated, single, study) {
  data.frame(y = log(events / (n - events)), v = 1 / events + 1 / (n - events),
             treated = treated, single = single, study = study)
}
arms <- rbind(
  arm(d$reference_events, d$reference_n, 0, 0, seq_len(nrow(d))),
  arm(d$events, d$n, 1, 0, seq_len(nrow(d))),
  arm(alone$events, alone$n, 1, 1, 100 + seq_len(nrow(alone)))
)
arms$y[arms$single == 1] <- arms$y[arms$single == 1] + 3
arms$id <- seq_len(nrow(arms))
for (kind in c("alone", "believed", "free")) {
  data <- if (kind == "alone") arms[arms$single == 0, ] else arms
  mods <- if (kind == "free") ~ treated + single else ~ treated
  R <- diag(ifelse(data$treated == 1, 1, 1e-12))
  rownames(R) <- colnames(R) <- data$id
  res <- rma.mv(y, v, mods = mods, random = list(~ 1 | study, ~ 1 | id), R = list(id = R),
                Rscale = FALSE, data = data, method = "REML",
                control = list(optimizer = "BFGS", reltol = 1e-15, maxit = 5000))
  case <- paste("joined", kind)
  rows_of(case, "coefficient", res$beta)
  rows_of(case, "error", res$se)
  note(case, "control spread", sqrt(res$sigma2[1]))
  note(case, "effect spread", sqrt(res$sigma2[2]))
}

write_rows(c("metafor", "lme4"))
