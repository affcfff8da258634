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

# Delayed entry, which cuminc does not know: the estimate is that of survfit with several states,
# the variance is Aalen's, written out as a sum for each day.
record_late <- function(case, entry, time, status) {
  fit <- survfit(Surv(entry, time, factor(status, 0:max(status))) ~ 1, id = seq_along(time))
  days <- sort(unique(time[status > 0]))
  risk <- sapply(days, function(t) sum(entry < t & t <= time))
  all <- sapply(days, function(t) sum(time == t & status > 0))
  before <- cumprod(c(1, 1 - all / risk))[seq_along(days)]
  for (cause in sort(unique(status[status > 0]))) {
    name <- paste("cause", cause)
    note(case, paste(name, "probability of survfit"), fit$pstate[, cause + 1], fit$time)
    own <- sapply(days, function(t) sum(time == t & status == cause))
    incidence <- cumsum(before * own / risk)
    spread <- function(k) ifelse(k == 0, 0, ifelse(risk > 1, k * (risk - k) / ((risk - 1) * risk^2), 1))
    variance <- sapply(seq_along(days), function(last) {
      total <- 0
      for (u in seq_len(last)) {
        left <- risk[u] - all[u]
        g <- if (left > 0) (incidence[last] - incidence[u]) * risk[u] / left else 0
        total <- total + (before[u] - g)^2 * spread(own)[u] + g^2 * spread(all - own)[u]
      }
      total
    })
    note(case, paste(name, "variance"), variance, days)
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
# Day 0 has an event of each kind and a censoring: events come first.
zero <- c(0, 0, 0, 4, 4, 4, 9, 9, 9, 15, 15, 21, 30, 30)
kinds <- c(2, 0, 1, 1, 2, 0, 1, 1, 2, 0, 1, 2, 0, 0)
record("events and censoring on day 0", zero, kinds)
record("events and censoring on day 0.5", pmax(zero, 0.5), kinds)
record_late("late: ten patients", c(0, 0, 0, 30, 30, 50, 50, 60, 80, 85),
            c(20, 45, 150, 70, 140, 65, 160, 110, 170, 95), c(1, 2, 0, 1, 0, 2, 0, 1, 0, 2))
record_late("late: all at risk have an event", c(0, 0, 20, 20, 20, 30), c(5, 8, 30, 40, 50, 60),
            c(1, 2, 1, 2, 0, 1))
record_late("late: nobody at risk for a while", c(0, 0, 20, 20, 20, 30), c(5, 8, 30, 40, 50, 60),
            c(1, 0, 2, 1, 0, 1))
# Entries are made up, the times are real; 14 of 137 are there from the beginning.
entry <- floor(bmt$t2 * ((seq_along(bmt$t2) * 7) %% 10) / 10)
record_late("late: bmt", entry, bmt$t2, status)
write_rows(c("survival", "cmprsk"))
