#!/usr/bin/env bash
# Builds, lints and tests everything with `mvn -q verify -Plint -Dtacet.tests=all`, which says nothing of
# tests that pass, and then prints how many ran in each module. Arguments go to Maven, such as
# -Dtacet.require=cuda.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
shopt -s nullglob

for reports in java/*/target/surefire-reports bench/target/surefire-reports; do
  rm -rf "$reports"
done
status=0
mvn -q -Plint -Dtacet.tests=all "$@" verify || status=$?

# Counts the elements of reports, as their own sums leave out tests of nested classes.
sum() {
  cat "$@" | awk '
    /^ *<testcase / { run++ }
    /^ *<failure/ { failed++ }
    /^ *<error/ { errors++ }
    /^ *<skipped/ { skipped++ }
    END { printf "Tests run: %d, Failures: %d, Errors: %d, Skipped: %d", run, failed, errors, skipped }'
}

all=()
for module in java/* bench; do
  reports=("$module"/target/surefire-reports/*.xml)
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
