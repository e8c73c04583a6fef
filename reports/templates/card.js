// One sample in the gallery.

function picture(sample, { large }) {
  const source = large ? sample.image : sample.thumb;
  if (!source) return element("p", { class: "no-picture" }, missingPicture(sample));
  const image = element("img", { src: source, alt: "", loading: large ? "eager" : "lazy", decoding: "async", width: sample.width, height: sample.height });
  return element("span", { class: "picture" }, image, overlay(sample, { characters: large }));
}

function missingPicture(sample) {
  const reason = sample.reason ?? sample.missing;
  return reason ? `No picture: ${reason}` : "No picture";
}

const STATUS_WORDS = {
  blank: "blank",
  refused: "refused by the model",
  infra: "failed, not scored",
  "not made": "not made yet",
};

function badges(sample) {
  const words = [];
  if (sample.status !== "ok") words.push(STATUS_WORDS[sample.status]);
  else if (sample.score === null) words.push(`not scored: ${sample.missing}`);
  return words.length ? element("p", { class: "badges" }, ...words.map((word) => element("span", { class: "badge" }, word))) : null;
}

// Counts of what is not right, such as "1 ≠ 2 −".
function errorCounts(sample) {
  const counts = stepCounts(sample.regions);
  const shown = ["substitution", "missing", "extra", "beyond"].filter((kind) => counts[kind]);
  return shown.map((kind) => element("span", { class: `count ${kind}`, title: MARKS[kind][1] }, `${counts[kind]} ${MARKS[kind][0]}`));
}

// Such as "2 ◌", for characters that look malformed.
function suspectCount(sample) {
  const count = sample.suspects.length;
  return count ? element("span", { class: "count malformed", title: "malformed" }, `${count} ◌`) : null;
}

function agreementShown(sample) {
  if (sample.agreement === null) return null;
  return element("span", { class: "count", title: "agreement of the readers" }, `readers agree ${scoreText(sample.agreement)}`);
}

function verdict(sample) {
  const score = element("b", { class: "score", title: sample.score === null ? sample.missing : "accuracy of this picture" }, scoreText(sample.score));
  return element("p", { class: "verdict" }, score, ...errorCounts(sample), placeCount(sample), suspectCount(sample), agreementShown(sample));
}

const labels = (sample) => element("p", { class: "labels" }, [sample.language, ...sample.tags].join(" · "));

const askedText = (sample) => element("p", { class: "asked", lang: languageTag(sample) }, element("bdi", {}, sample.text));

// What the generator recorded, as pairs: nested names joined with dots, items counted from 0; plain lists as they are.
function flatDetails(details, prefix = "") {
  return Object.entries(details).flatMap(([name, value]) => {
    const nested = value !== null && typeof value === "object" && !(Array.isArray(value) && value.every((item) => typeof item !== "object"));
    if (nested) return flatDetails(value, `${prefix}${name}.`);
    return [[prefix + name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}

// The outermost of it, and the faces of the lettering.
function shortDetails(sample) {
  const brief = (value) => (typeof value === "number" ? String(Number(value.toPrecision(3))) : String(value));
  const outermost = Object.entries(sample.details).filter(([, value]) => value !== null && typeof value !== "object");
  const parts = outermost.map(([name, value]) => `${name} ${brief(value)}`).filter((part) => part.length <= 60);
  const faces = flatDetails(sample.details).filter(([name]) => name.endsWith(".face")).map(([, value]) => value);
  parts.push(...new Set(faces));
  return parts.length ? element("p", { class: "made" }, parts.join(" · ")) : null;
}

function card(sample) {
  const name = `${sample.prompt}, seed ${sample.seed}`;
  return element(
    "article",
    { class: "card", "data-key": sample.key, "aria-label": name },
    element("button", { type: "button", class: "open", "aria-label": `Open ${name} large` }, picture(sample, { large: false })),
    element(
      "div",
      { class: "body" },
      element("header", {}, element("h3", {}, element("a", { href: sample.hash }, sample.prompt, element("span", {}, ` seed ${sample.seed}`))), verdict(sample)),
      badges(sample),
      ...sample.regions.map((region) => alignment(sample, region)),
      askedText(sample),
      labels(sample),
      shortDetails(sample),
    ),
  );
}
