// The words of the interface, and the switches of language and colours.

const start = JSON.parse(document.getElementById("start").textContent);
const root = document.documentElement;
const INTERFACE_LANGUAGES = { en: "en", zh: "zh-Hans" };
const THEMES = ["auto", "light", "dark"];
const SWITCHED_ATTRIBUTES = ["aria-label", "title", "placeholder", "label"];

// Where storage is not allowed, a choice holds until the page is left.
const remembered = {
  read(name) {
    try {
      return localStorage.getItem(`glyphbench.${name}`);
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      localStorage.setItem(`glyphbench.${name}`, value);
    } catch {
      // not allowed
    }
  },
};

// Builds an element. Whatever comes from outside goes in as text, never as HTML.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

let language = "en";

const T = (key, values = {}) => start.words[key][language].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));

function switchAttributes() {
  for (const name of SWITCHED_ATTRIBUTES) {
    for (const found of document.querySelectorAll(`[data-zh-${name}]`)) {
      const key = `data-en-${name}`;
      if (!found.hasAttribute(key)) found.setAttribute(key, found.getAttribute(name));
      found.setAttribute(name, found.getAttribute(`data-${language}-${name}`));
    }
  }
}

function showLanguage(wanted) {
  language = Object.hasOwn(INTERFACE_LANGUAGES, wanted) ? wanted : "en";
  root.dataset.language = language;
  root.lang = INTERFACE_LANGUAGES[language];
  switchAttributes();
  const button = document.getElementById("language-switch");
  button.textContent = language === "en" ? "中文" : "English";
  button.lang = language === "en" ? "zh-Hans" : "en";
  showTheme(root.dataset.theme ?? "auto");
}

function showTheme(wanted) {
  const theme = THEMES.includes(wanted) ? wanted : "auto";
  root.dataset.theme = theme;
  document.getElementById("theme-switch").textContent = T(`theme_${theme}`);
}

const preferredLanguage = () => remembered.read("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
