#!/usr/bin/env bash
# Opens the report of a training and every page of the site of the documentation in Chromium, without a
# window, on a light and on a dark screen: every picture has to be shown, nothing may be wider than the
# window, and the background has to be that of the screen. Needs the jar of the command and, on the PATH
# or in CHROMIUM, chromium; works in target/browser.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
chromium=${CHROMIUM:-chromium}
jar=$PWD/java/tacet-cli/target/tacet.jar
work=$PWD/target/browser
if ! command -v "$chromium" >/dev/null; then
  echo "browser.sh: no $chromium; on Debian: apt-get install chromium, or set CHROMIUM" >&2
  exit 1
fi
if [ ! -f "$jar" ]; then
  echo "browser.sh: no $jar; build it first: ci/build.sh" >&2
  exit 1
fi
rm -rf "$work"
mkdir -p "$work"
java -jar "$jar" train yin-yang --backend java --samples 200 --epochs 2 --out "$work/run" >"$work/train.log" 2>&1 || {
  cat "$work/train.log" >&2
  exit 1
}
mvn -q --batch-mode --no-transfer-progress -Psite -pl docs/site -DskipTests package "-Dsite.folder=$work/site"

# What a page is like once it is there, noted in the page.
probe='<script>addEventListener("load", () => {
  const images = [...document.images].filter(i => i.naturalWidth == 0).map(i => i.getAttribute("src"));
  const wide = document.documentElement.scrollWidth > innerWidth;
  const light = getComputedStyle(document.body).backgroundColor.match(/\d+/g)[0] > 127;
  document.body.dataset.seen = [images.join(" ") || "all", wide ? "wide" : "fits", light ? "light" : "dark"];
})</script>'

# open PAGE SCHEME: the note of a page, 0 for a dark screen, 1 for a light one
open() {
  timeout 60 "$chromium" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync "--user-data-dir=$work/profile" --window-size=1200,900 \
    "--blink-settings=preferredColorScheme=$2" --dump-dom "file://$1" 2>"$work/chromium.log" |
    sed -n 's/.*data-seen="\([^"]*\)".*/\1/p'
}

pages=0
bad=0
while read -r page; do
  echo "$probe" >>"$page"
  pages=$((pages + 1))
  for scheme in dark light; do
    seen=$(open "$page" $([ $scheme = light ] && echo 1 || echo 0)) || seen="nothing: $(tail -1 "$work/chromium.log")"
    if [ "$seen" != "all,fits,$scheme" ]; then
      echo "browser.sh: ${page#"$work/"} on a $scheme screen: expected all,fits,$scheme, got $seen" >&2
      bad=$((bad + 1))
    fi
  done
done < <(find "$work/run" "$work/site" -name '*.html' | sort)
echo "browser: $pages pages on two screens, $bad not as they should be"
[ "$bad" = 0 ]
