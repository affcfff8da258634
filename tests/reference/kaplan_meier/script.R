# Kaplan-Meier curves with log-log limits, and medians.
suppressMessages(library(survival))
source("../write.R")

record <- function(case, time, status, level = 0.95, type = "log-log") {
  fit <- survfit(Surv(time, status) ~ 1, conf.type = type, conf.int = level)
  note(case, "probability", fit$surv, fit$time)
  note(case, "low", fit$lower, fit$time)
  note(case, "high", fit$upper, fit$time)
  note(case, "at_risk", fit$n.risk, fit$time)
  note(case, "events", fit$n.event, fit$time)
  median <- quantile(fit, 0.5)
  note(case, "median", unname(median$quantile))
  note(case, "median low", unname(median$lower))
  note(case, "median high", unname(median$upper))
  left <- quantile(survfit(Surv(time, 1 - status) ~ 1, conf.type = type, conf.int = level), 0.5)
  note(case, "follow-up", unname(left$quantile))
  note(case, "follow-up low", unname(left$lower))
  note(case, "follow-up high", unname(left$upper))
  # Events before censorings of the same day: events come a little earlier.
  first <- survfit(Surv(time - 1e-5 * status, 1 - status) ~ 1, conf.type = type, conf.int = level)
  first <- quantile(first, 0.5)
  note(case, "events first", unname(first$quantile))
  note(case, "events first low", unname(first$lower))
  note(case, "events first high", unname(first$upper))
}

# Delayed entry. The limits of the median are those of the printed table: a lower limit may rise
# again, and then quantile() sorts the limits and takes another day.
record_late <- function(case, entry, time, status, type = "log-log") {
  fit <- survfit(Surv(entry, time, status) ~ 1, conf.type = type)
  note(case, "probability", fit$surv, fit$time)
  note(case, "low", fit$lower, fit$time)
  note(case, "high", fit$upper, fit$time)
  note(case, "at_risk", fit$n.risk, fit$time)
  note(case, "events", fit$n.event, fit$time)
  left <- survfit(Surv(entry, time, 1 - status) ~ 1, conf.type = type)
  for (curve in list(list("median", fit), list("follow-up", left))) {
    table <- summary(curve[[2]])$table
    note(case, curve[[1]], unname(quantile(curve[[2]], 0.5)$quantile))
    note(case, paste(curve[[1]], "low"), unname(table["0.95LCL"]))
    note(case, paste(curve[[1]], "high"), unname(table["0.95UCL"]))
  }
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
# Day 0 has an event and a censoring: the event comes first.
record("event and censoring on day 0", c(0, 0, 0, 4, 4, 4, 9, 9, 9, 15, 15, 21, 30, 30),
       c(1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0))
record("event and censoring on day 0.5", c(0.5, 0.5, 0.5, 4, 4, 4, 9, 9, 9, 15, 15, 21, 30, 30),
       c(1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 0))
for (type in c("log-log", "log", "plain")) {
  record(paste("ten patients with", type), c(5, 9, 12, 18, 25, 31, 40, 44, 52, 60),
         c(1, 1, 0, 1, 0, 1, 0, 1, 0, 0), type = type)
}
record("bmt with log", bmt$t2, bmt$d3, type = "log")
record("bmt with plain", bmt$t2, bmt$d3, type = "plain")
record_late("late: ten patients", c(0, 0, 0, 30, 30, 50, 50, 60, 80, 85),
            c(20, 45, 150, 70, 140, 65, 160, 110, 170, 95), c(1, 1, 0, 1, 0, 1, 0, 1, 0, 1))
# Nobody is left on day 8, and the others enter on day 20 and 30.
record_late("late: all at risk have the event", c(0, 0, 20, 20, 20, 30), c(5, 8, 30, 40, 50, 60),
            c(1, 1, 1, 1, 0, 1))
record_late("late: nobody at risk for a while", c(0, 0, 20, 20, 20, 30), c(5, 8, 30, 40, 50, 60),
            c(1, 0, 1, 1, 0, 1))
record_late("late: entry on the day of an event", c(0, 0, 20, 20, 20, 30),
            c(20, 20, 30, 40, 50, 60), c(1, 0, 1, 1, 0, 1))
record_late("late: everybody", c(10, 12, 20), c(15, 22, 30), c(0, 1, 1))
# Entries are made up, the times are real; 14 of 137 are there from the beginning.
entry <- floor(bmt$t2 * ((seq_along(bmt$t2) * 7) %% 10) / 10)
record_late("late: bmt", entry, bmt$t2, bmt$d3)
record_late("late: bmt with log", entry, bmt$t2, bmt$d3, "log")
record_late("late: bmt with plain", entry, bmt$t2, bmt$d3, "plain")
write_rows("survival")
