// Sets the colours before the first paint; the page's policy allows no script within it.
(() => {
  const kept = localStorage.getItem("mantine-color-scheme-value") ?? "auto";
  const dark = kept === "dark" || (kept === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
