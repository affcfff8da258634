# Kaplan-Meier curves with log-log limits, and medians.
suppressMessages(library(survival))
source("../write.R")

record <- function(case, time, status, level = 0.95) {
  fit <- survfit(Surv(time, status) ~ 1, conf.type = "log-log", conf.int = level)
  note(case, "probability", fit$surv, fit$time)
  note(case, "low", fit$lower, fit$time)
  note(case, "high", fit$upper, fit$time)
  note(case, "at_risk", fit$n.risk, fit$time)
  note(case, "events", fit$n.event, fit$time)
  median <- quantile(fit, 0.5)
  note(case, "median", unname(median$quantile))
  note(case, "median low", unname(median$lower))
  note(case, "median high", unname(median$upper))
  left <- quantile(survfit(Surv(time, 1 - status) ~ 1, conf.type = "log-log", conf.int = level), 0.5)
  note(case, "follow-up", unname(left$quantile))
  note(case, "follow-up low", unname(left$lower))
  note(case, "follow-up high", unname(left$upper))
}

bmt <- read.csv("../data/KMsurv_bmt.csv")
lung <- read.csv("../data/survival_lung.csv")
veteran <- read.csv("../data/survival_veteran.csv")
record("bmt", bmt$t2, bmt$d3)
for (group in 1:3) {
  chosen <- bmt$group == group
  record(paste("bmt", group), bmt$t2[chosen], bmt$d3[chosen])
}
record("lung", lung$time, lung$status == 2)
record("lung at 0.9", lung$time, lung$status == 2, 0.9)
record("veteran", veteran$time, veteran$status)
# Curves that run exactly at one half: until the next event, to the end, and reached by thirds.
record("half until an event", c(1, 2, 3, 4), c(1, 1, 0, 1))
record("half to the end", c(1, 2, 3, 4), c(1, 1, 0, 0))
record("half by thirds", c(1, 2, 3, 4, 5, 6), c(1, 1, 1, 0, 1, 1))
record("all on one day", c(5, 5, 5), c(1, 1, 1))
record("all censored", c(1, 2, 3), c(0, 0, 0))
record("near ties", c(0.1 + 0.2, 0.3, 0.5, 0.7), c(1, 1, 1, 0))
write_rows("survival")
