# Exact (Clopper-Pearson) and score (Wilson) intervals of a share.
source("../write.R")
counts <- rbind(c(8, 18), c(23, 26), c(39, 55), c(136, 301), c(0, 13), c(13, 13), c(1, 1), c(2, 5000))
for (row in seq_len(nrow(counts))) {
  events <- counts[row, 1]
  n <- counts[row, 2]
  for (level in c(0.9, 0.95, 0.99)) {
    case <- sprintf("%d/%d at %g", events, n, level)
    exact <- binom.test(events, n, conf.level = level)
    score <- suppressWarnings(prop.test(events, n, conf.level = level, correct = FALSE))
    note(case, "value", unname(exact$estimate))
    note(case, "clopper-pearson low", exact$conf.int[1])
    note(case, "clopper-pearson high", exact$conf.int[2])
    note(case, "wilson low", score$conf.int[1])
    note(case, "wilson high", score$conf.int[2])
  }
}
write_rows()
