#!/bin/sh
# Runs every R script again, from whatever folder it is called.
set -eu
cd "$(dirname "$0")"
for script in */script.R; do
    folder=$(dirname "$script")
    echo "$folder"
    (cd "$folder" && Rscript --vanilla script.R)
done
