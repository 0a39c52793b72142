#!/usr/bin/env bash
# Builds and tests everything with `mvn -q verify -Dtacet.tests=all`, which says nothing of tests that
# pass, and then prints how many ran in each module. Arguments go to Maven, such as -Dtacet.require=cuda.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
shopt -s nullglob

for reports in java/*/target/surefire-reports bench/target/surefire-reports; do
  rm -rf "$reports"
done
status=0
mvn -q -Dtacet.tests=all "$@" verify || status=$?

# One line of a report: Tests run: 5, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1 s - in X
sum() {
  cat "$@" | awk -F '[:,]' '
    /^Tests run:/ { run += $2; failed += $4; errors += $6; skipped += $8 }
    END { printf "Tests run: %d, Failures: %d, Errors: %d, Skipped: %d", run, failed, errors, skipped }'
}

all=()
for module in java/* bench; do
  reports=("$module"/target/surefire-reports/*.txt)
  if [ ${#reports[@]} -gt 0 ]; then
    echo "$(sum "${reports[@]}") - in $module"
    all+=("${reports[@]}")
  fi
done
if [ ${#all[@]} -eq 0 ]; then
  echo "ci/test.sh: no test has run" >&2
  exit $((status == 0 ? 1 : status))
fi
sum "${all[@]}"
echo
exit "$status"
