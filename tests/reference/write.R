# Shared by the scripts: rows of case, quantity, day and value, written with the versions used.

rows <- list()

note <- function(case, quantity, value, day = NA) {
  rows[[length(rows) + 1]] <<- data.frame(
    case = case, quantity = quantity,
    day = ifelse(is.na(day), "", sprintf("%.17g", as.numeric(day))),
    value = ifelse(is.na(value), "", sprintf("%.17g", as.numeric(value)))
  )
}

write_rows <- function(packages = character()) {
  versions <- vapply(packages, function(name) {
    paste(name, as.character(packageVersion(name)))
  }, character(1))
  file <- file("output.csv", "w")
  writeLines(paste("#", paste(c(R.version.string, versions), collapse = "; ")), file)
  write.csv(do.call(rbind, rows), file, row.names = FALSE, quote = FALSE, eol = "\n")
  close(file)
}
