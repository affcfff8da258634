# Chi-squared tests with and without continuity correction, and exact tests.
source("../write.R")

# Barnard's and Boschloo's tests: all tables written out, the common share by a grid and optimize.
unconditional <- function(events, n, kind) {
  tables <- expand.grid(one = 0:n[1], other = 0:n[2])
  far <- mapply(function(one, other) {
    if (kind == "boschloo") return(-fisher.test(rbind(c(one, other), n - c(one, other)))$p.value)
    share <- (one + other) / sum(n)
    if (share %in% c(0, 1)) 0 else abs(one / n[1] - other / n[2]) / sqrt(share * (1 - share) * sum(1 / n))
  }, tables$one, tables$other)
  seen <- far[tables$one == events[1] & tables$other == events[2]]
  out <- tables[far >= seen - 1e-9, ]
  chance <- function(share) sum(dbinom(out$one, n[1], share) * dbinom(out$other, n[2], share))
  grid <- seq(0.0005, 0.9995, by = 0.0005)
  values <- vapply(grid, chance, 0)
  near <- grid[order(-values)[1:10]]
  max(vapply(near, function(share) {
    optimize(chance, c(max(share - 0.0006, 0), min(share + 0.0006, 1)), maximum = TRUE, tol = 1e-12)$objective
  }, 0))
}

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
  if (length(n) == 2 && prod(n + 1) < 2000) {
    for (kind in c("barnard", "boschloo")) note(case, paste(kind, "p_value"), unconditional(events, n, kind))
  }
}

record(c(82, 70), c(99, 99))
record(c(21, 8), c(28, 19))
record(c(56, 34), c(163, 81))
record(c(6, 3), c(10, 15))
record(c(3, 9), c(12, 12))
record(c(7, 12), c(15, 15))
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
