# Gray's test of relapse and of death without relapse between groups, with and without ties.
suppressMessages(library(cmprsk))
source("../write.R")

record <- function(case, time, cause, group) {
  tests <- cuminc(time, cause, group)$Tests
  for (event in rownames(tests)) {
    note(case, paste("statistic", event), tests[event, "stat"])
    note(case, paste("P", event), tests[event, "pv"])
    note(case, paste("degrees", event), tests[event, "df"])
  }
}

bmt <- read.csv("../data/KMsurv_bmt.csv")
cause <- ifelse(bmt$d2 == 1, 1, ifelse(bmt$d1 == 1, 2, 0))
record("bmt", bmt$t2, cause, bmt$group)
record("bmt: months", ceiling(bmt$t2 / 30.4375), cause, bmt$group)
record("bmt: 100 days", ceiling(bmt$t2 / 100), cause, bmt$group)
record("bmt: sex", bmt$t2, cause, bmt$z3)
timereg <- read.csv("../data/timereg_bmt.csv")
record("timereg", timereg$time, timereg$cause, timereg$platelet)
write_rows("cmprsk")
