# Chi-squared tests with and without continuity correction, and Fisher's exact test.
source("../write.R")

record <- function(events, n) {
  table <- rbind(events, n - events)
  case <- paste(events, n, sep = "/", collapse = " ")
  for (correct in c(FALSE, if (length(n) == 2) TRUE)) {
    test <- suppressWarnings(chisq.test(table, correct = correct))
    name <- if (correct) "yates" else "pearson"
    note(case, paste(name, "statistic"), unname(test$statistic))
    note(case, paste(name, "degrees"), unname(test$parameter))
    note(case, paste(name, "p_value"), test$p.value)
    note(case, paste(name, "least_expected"), min(test$expected))
  }
  note(case, "fisher p_value", fisher.test(table, workspace = 2e7)$p.value)
}

record(c(82, 70), c(99, 99))
record(c(21, 8), c(28, 19))
record(c(56, 34), c(163, 81))
record(c(6, 3), c(10, 15))
record(c(3, 9), c(12, 12))
record(c(17, 30), c(62, 62))
record(c(0, 5), c(8, 9))
record(c(10, 0), c(10, 20))
record(c(1, 1), c(2, 2))
record(c(5, 5), c(10, 11))
record(c(400, 1200), c(1000, 2500))
record(c(3, 9, 6), c(12, 12, 14))
record(c(0, 4, 9, 7), c(10, 12, 15, 9))
record(c(1, 0, 3, 2, 4), c(5, 6, 7, 4, 5))
record(c(40, 31, 55), c(90, 88, 102))
write_rows()
