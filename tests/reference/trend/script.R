# Trends over ordered groups: Cochran-Armitage and Jonckheere-Terpstra.
source("../write.R")

# The chi-squared statistic is the square of the deviate; the slope is that of least squares on
# patients, its variance the sandwich of each group's own p (1 - p).
proportions <- function(case, events, n, scores = seq_along(n)) {
  test <- suppressWarnings(prop.trend.test(events, n, scores))
  for (i in seq_along(n)) {
    note(case, "events", events[i]); note(case, "n", n[i]); note(case, "score", scores[i])
  }
  note(case, "chi_squared", unname(test$statistic)); note(case, "p_value", test$p.value)
  y <- rep(rep(c(1, 0), length(n)), as.vector(rbind(events, n - events))); x <- rep(scores, n)
  fit <- lm(y ~ x); share <- (events / n)[match(x, scores)]
  design <- model.matrix(fit); bread <- solve(crossprod(design))
  error <- sqrt((bread %*% crossprod(design * sqrt(share * (1 - share))) %*% bread)[2, 2])
  note(case, "value", unname(coef(fit)[2]))
  note(case, "low", unname(coef(fit)[2]) - qnorm(0.975) * error)
  note(case, "high", unname(coef(fit)[2]) + qnorm(0.975) * error)
}
proportions("shares rise", c(2, 5, 9), c(20, 20, 20))
proportions("shares with doses", c(1, 4, 3, 10), c(12, 15, 9, 14), c(0, 1, 2, 5))
# Smoking among patients of four hospitals (Fleiss 1981), the example of prop.trend.test.
proportions("shares of smokers", c(83, 90, 129, 70), c(86, 93, 136, 82))
proportions("shares none in one", c(0, 3, 4), c(10, 11, 12))

# Jonckheere's count is Kendall's S of the number and the group, and has its variance of ties.
numbers <- function(case, y, g) {
  keep <- !is.na(y) & !is.na(g); y <- y[keep]; g <- g[keep]
  test <- cor.test(y, g, method = "kendall", exact = FALSE)
  note(case, "statistic", unname(test$statistic)); note(case, "p_value", test$p.value)
  pairs <- 0; higher <- 0
  for (a in unique(g)) for (b in unique(g)) if (a < b) {
    difference <- outer(y[g == b], y[g == a], "-")
    pairs <- pairs + length(difference); higher <- higher + sum(difference > 0) + sum(difference == 0) / 2
  }
  note(case, "value", higher / pairs)
  # Pairs of one group are ties of the response, and count nowhere.
  found <- survival::concordance(g ~ y)
  stopifnot(isTRUE(all.equal(unname(found$concordance), higher / pairs)))
  note(case, "error", sqrt(found$var))
}
lung <- read.csv("../data/survival_lung.csv")
bmt <- read.csv("../data/KMsurv_bmt.csv")
numbers("weight loss by ECOG", lung$wt.loss, lung$ph.ecog)
numbers("meal calories by ECOG", lung$meal.cal, lung$ph.ecog)
numbers("age by group", bmt$z1, bmt$group)

# Without ties in few patients: all orders, one by one.
orders <- function(case, y, g) {
  count <- function(g) {
    higher <- 0
    for (a in unique(g)) for (b in unique(g)) if (a < b) higher <- higher + sum(outer(y[g == b], y[g == a], ">"))
    higher
  }
  sizes <- table(g); n <- length(g); all <- seq_len(n)
  places <- combn(n, sizes[1], simplify = FALSE)
  found <- unlist(lapply(places, function(first) {
    rest <- setdiff(all, first)
    vapply(combn(length(rest), sizes[2], simplify = FALSE), function(second) {
      order <- rep(3, n); order[first] <- 1; order[rest[second]] <- 2
      count(order)
    }, 0)
  }))
  seen <- count(g)
  for (i in seq_along(y)) { note(case, "number", y[i]); note(case, "group", g[i]) }
  note(case, "p_value", mean(abs(found - mean(found)) >= abs(seen - mean(found)) - 1e-9))
}
orders("orders of nine", c(3.1, 1.2, 4.7, 2.6, 5.9, 3.8, 6.4, 7.7, 5.2), c(1, 1, 1, 2, 2, 2, 3, 3, 3))
orders("orders of eight", c(9.1, 1.2, 6.7, 8.6, 5.9, 3.8, 2.4, 4.7), c(1, 1, 2, 2, 2, 2, 3, 3))
write_rows()
