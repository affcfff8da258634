# Curves of real patients as a figure prints them, with what the patients themselves give: the truth
# that reconstructed patients are compared with.
suppressMessages(library(survival))
source("../write.R")

record <- function(case, time, status, arm, print) {
  arms <- sort(unique(arm))
  for (index in seq_along(arms)) {
    own <- arm == arms[index]
    curve <- survfit(Surv(time[own], status[own]) ~ 1)
    seen <- c(curve$n.event > 0)
    seen[length(seen)] <- TRUE
    for (at in which(seen)) {
      note(case, paste("survival", index), curve$surv[at], curve$time[at])
    }
    for (day in seq(0, max(time[own]), by = print)) {
      note(case, paste("at risk", index), sum(time[own] >= day), day)
    }
    note(case, paste("events", index), sum(status[own]))
    note(case, paste("median", index), unname(summary(curve)$table["median"]))
  }
  fit <- coxph(Surv(time, status) ~ factor(arm))
  note(case, "log hazard ratio", unname(coef(fit)))
  note(case, "error", sqrt(unname(vcov(fit)[1, 1])))
  test <- survdiff(Surv(time, status) ~ arm)
  note(case, "p", pchisq(test$chisq, 1, lower.tail = FALSE))
}

bmt <- read.csv("../data/KMsurv_bmt.csv")
lung <- read.csv("../data/survival_lung.csv")
veteran <- read.csv("../data/survival_veteran.csv")
low <- bmt[bmt$group != 3, ]
high <- bmt[bmt$group != 1, ]
record("low risk beside ALL", low$t2, low$d3, low$group, 365)
record("high risk beside low risk", high$t2, high$d3, high$group, 365)
record("lung by sex", lung$time, as.numeric(lung$status == 2), lung$sex, 200)
record("veteran by treatment", veteran$time, veteran$status, veteran$trt, 100)
# Remission of leukaemia under 6-MP and placebo (Freireich 1963, as Gehan 1965 and Cox 1972 print it).
mp <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
kept <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
placebo <- c(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
record("6-MP", c(mp, placebo), c(kept, rep(1, 21)), rep(1:2, each = 21), 5)
write_rows("survival")
