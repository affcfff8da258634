# Cumulative incidence with Aalen's variance, and log-log limits made from it.
suppressMessages({library(survival); library(cmprsk)})
source("../write.R")

record <- function(case, time, status, level = 0.95) {
  fit <- cuminc(time, status)
  states <- survfit(Surv(time, factor(status, 0:max(status))) ~ 1)
  z <- qnorm(0.5 + level / 2)
  days <- sort(unique(time))
  for (cause in sort(unique(status[status > 0]))) {
    curve <- fit[[paste("1", cause)]]
    # The last entry for a day is the value after its events.
    last <- findInterval(days, curve$time)
    est <- curve$est[last]
    var <- curve$var[last]
    error <- z * sqrt(var) / (est * -log(est))
    # Without an event yet, and where everybody has had one, the scale has no interval.
    inside <- est > 0 & est < 1
    name <- paste("cause", cause)
    note(case, paste(name, "probability"), est, days)
    note(case, paste(name, "variance"), var, days)
    note(case, paste(name, "low"), ifelse(inside, est^exp(error), NA), days)
    note(case, paste(name, "high"), ifelse(inside, est^exp(-error), NA), days)
    # A second witness for the estimate, from another package.
    note(case, paste(name, "probability of survfit"), states$pstate[, cause + 1], states$time)
  }
}

bmt <- read.csv("../data/KMsurv_bmt.csv")
timereg <- read.csv("../data/timereg_bmt.csv")
# 1 relapse, 2 death without relapse.
status <- ifelse(bmt$d2 == 1, 1, ifelse(bmt$d1 == 1, 2, 0))
record("bmt", bmt$t2, status)
for (group in 1:3) {
  chosen <- bmt$group == group
  record(paste("bmt", group), bmt$t2[chosen], status[chosen])
}
record("bmt in quarters", ceiling(bmt$t2 / 91.3125), status)
record("timereg", timereg$time, timereg$cause)
record("three causes", c(1, 1, 2, 3, 3, 3, 4, 5, 6, 6), c(1, 2, 0, 1, 1, 2, 3, 1, 2, 1))
write_rows(c("survival", "cmprsk"))
