# Corrections of P values for several tests, with ties, ones and zeros.
source("../write.R")
sets <- list(
  "seven" = c(0.0001, 0.004, 0.019, 0.095, 0.0201, 0.5, 0.027),
  "tied" = c(0.03, 0.01, 0.01, 0.04, 0.03, 1, 0),
  "one" = 0.2,
  "all large" = c(0.9, 0.7, 0.8)
)
for (case in names(sets)) {
  for (i in seq_along(sets[[case]])) {
    note(case, "given", sets[[case]][i])
    note(case, "holm", p.adjust(sets[[case]], "holm")[i])
    note(case, "benjamini-hochberg", p.adjust(sets[[case]], "BH")[i])
  }
}
write_rows()
