# Difference, risk ratio and odds ratio of two proportions with their intervals.
source("../write.R")

wilson <- function(events, n, level) {
  suppressWarnings(prop.test(events, n, conf.level = level, correct = FALSE))$conf.int
}

# Limits of the odds ratio given the margins. fisher.test looks for them to four decimals only.
exact <- function(a, n, c, m, level) {
  total <- a + c
  support <- max(0, total - m):min(n, total)
  density <- function(log_ratio) {
    weight <- dhyper(support, n, m, total, log = TRUE) + support * log_ratio
    chance <- exp(weight - max(weight))
    chance / sum(chance)
  }
  root <- function(f) exp(uniroot(f, c(-60, 60), tol = 1e-15, maxiter = 10000)$root)
  tail <- (1 - level) / 2
  first <- a == min(support)
  last <- a == max(support)
  c(
    if (first) 0 else if (last) NA else root(function(x) sum(density(x) * support) - a),
    if (first) 0 else root(function(x) sum(density(x)[support >= a]) - tail),
    if (last) NA else root(function(x) tail - sum(density(x)[support <= a]))
  )
}

record <- function(a, n, c, m, level = 0.95) {
  case <- sprintf("%d/%d and %d/%d at %g", a, n, c, m, level)
  z <- qnorm(0.5 + level / 2)
  p <- a / n
  q <- c / m
  one <- wilson(a, n, level)
  other <- wilson(c, m, level)
  note(case, "difference", p - q)
  note(case, "newcombe low", p - q - sqrt((p - one[1])^2 + (other[2] - q)^2))
  note(case, "newcombe high", p - q + sqrt((one[2] - p)^2 + (q - other[1])^2))
  wald <- suppressWarnings(prop.test(c(a, c), c(n, m), conf.level = level, correct = FALSE))$conf.int
  sure <- p %in% 0:1 && q %in% 0:1
  note(case, "wald low", if (sure) NA else wald[1])
  note(case, "wald high", if (sure) NA else wald[2])
  note(case, "risk ratio", if (c == 0) NA else p / q)
  error <- sqrt(1 / a - 1 / n + 1 / c - 1 / m)
  open <- a == 0 || c == 0 || error == 0
  note(case, "katz low", if (open) NA else exp(log(p / q) - z * error))
  note(case, "katz high", if (open) NA else exp(log(p / q) + z * error))
  # Woolf's interval is that of a logistic regression with one covariate.
  empty <- min(a, n - a, c, m - c) == 0
  if (empty) {
    note(case, "odds ratio", if (c == 0 || a == n) NA else 0)
    note(case, "woolf low", NA)
    note(case, "woolf high", NA)
  } else {
    # It is asked for more digits than it can tell when it has, which it warns of.
    fit <- suppressWarnings(glm(
      cbind(c(c, a), c(m - c, n - a)) ~ c(0, 1), family = binomial,
      control = glm.control(epsilon = 1e-16, maxit = 50)
    ))
    beta <- coef(summary(fit))[2, ]
    note(case, "odds ratio", exp(beta[1]))
    note(case, "woolf low", exp(beta[1] - z * beta[2]))
    note(case, "woolf high", exp(beta[1] + z * beta[2]))
  }
  if (a + c > 0 && a + c < n + m) {
    limits <- exact(a, n, c, m, level)
    test <- fisher.test(matrix(c(a, n - a, c, m - c), 2), conf.level = level)
    found <- c(test$estimate, test$conf.int)
    near <- pmin(abs(limits - found), abs(1 / limits - 1 / found))
    stopifnot(all(near < 5e-4, na.rm = TRUE))
    note(case, "conditional odds ratio", limits[1])
    note(case, "exact low", limits[2])
    note(case, "exact high", limits[3])
  }
}

tables <- rbind(
  c(82, 99, 70, 99), c(21, 28, 8, 19), c(56, 163, 34, 81), c(6, 10, 3, 15), c(3, 12, 9, 12),
  c(17, 62, 30, 62), c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29),
  c(0, 10, 0, 20), c(0, 10, 0, 10), c(10, 10, 0, 20), c(10, 10, 0, 10), c(10, 10, 12, 12),
  c(0, 8, 5, 9), c(8, 8, 5, 9), c(1, 2, 1, 2), c(400, 1000, 1200, 2500)
)
for (row in seq_len(nrow(tables))) {
  for (level in c(0.9, 0.95)) do.call(record, as.list(c(tables[row, ], level)))
}
write_rows()
