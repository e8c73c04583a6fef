// How a picture fits its prompt, by a tower: in a line, and crops against captions as a small table of coloured numbers.

const STRONGEST = 38; // per cent of the accent: the number stays readable on it in both themes.

function fitLine(fit) {
  const said = [`clip ${fit.clip.toFixed(3)}`];
  if (fit.rank !== null) said.push(T("fit_rank", { rank: String(fit.rank), of: String(fit.others + 1) }), `clip_lift ${fit.lift.toFixed(2)}`);
  if (fit.pieces > 1) said.push(T("fit_pieces", { n: String(fit.pieces) }));
  return element("p", { class: "fit-line" }, said.join(" · "));
}

// Colours run from the least to the greatest value of this very matrix.
function heatCell(fit, crop, caption) {
  const value = fit.matrix[crop][caption];
  const values = fit.matrix.flat();
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const own = crop === caption;
  const sign = own ? (fit.found[crop] ? "✓ " : "✗ ") : "";
  const said = own ? T(fit.found[crop] ? "fit_found" : "fit_lost") : null;
  const cell = element("td", { class: own ? "own" : null, title: said }, sign, value.toFixed(3));
  cell.style.setProperty("--heat", `${high > low ? (STRONGEST * (value - low)) / (high - low) : 0}%`);
  return cell;
}

function heatMap(sample) {
  const fit = sample.fit?.regions;
  if (!fit) return null;
  const crops = fit.numbers.map((number) => element("th", { scope: "col" }, String(number)));
  const head = element("tr", {}, element("th", { scope: "col" }, T("fit_captions")), ...crops);
  const rows = fit.captions.map((caption, row) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", lang: languageTag(sample) }, `${fit.numbers[row]} `, element("bdi", {}, caption)),
      ...fit.numbers.map((_, column) => heatCell(fit, column, row)),
    ),
  );
  return element("table", { class: "lines heat" }, element("caption", {}, T("fit_matrix")), element("thead", {}, head), element("tbody", {}, ...rows));
}

function fitTold(sample) {
  if (!sample.fit) return null;
  return element("div", { class: "fit" }, fitLine(sample.fit), heatMap(sample));
}
