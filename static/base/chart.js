// Draws every <table data-chart="line|bar|sankey"> into the .chart-host of its figure.
// The table is the truth and stays; without script, or when drawing fails, it is simply what people read.

const still = matchMedia("(prefers-reduced-motion: reduce)");
const locale = document.documentElement.lang || "de";
const library = new URL("../vendor/echarts-6.1.0/echarts.charts.min.js", import.meta.url);
const drawn = new Map();

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function words(cents) {
  return (value) => {
    if (!cents) return new Intl.NumberFormat(locale).format(value);
    return new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" }).format(value / 100);
  };
}

function axisWords(cents) {
  const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  return (value) => (cents ? `${short.format(value / 100)} €` : short.format(value));
}

function read(table) {
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows].map((row) =>
    [...row.cells].map((cell) => ("value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim())),
  );
  return { names, rows: rows.map((row) => row.map((cell) => (cell === "–" ? null : cell))) };
}

// Tooltips are built as elements: markup with style attributes would meet the content security policy.
function tip(lines) {
  const box = document.createElement("div");
  for (const line of lines) {
    const row = document.createElement("div");
    row.textContent = line;
    box.append(row);
  }
  return box;
}

function common(title) {
  return {
    animation: !still.matches,
    animationDuration: 120,
    textStyle: { fontFamily: token("text"), color: token("ink"), fontSize: 14 },
    color: ["forest", "brick", "sky", "warn", "soft"].map(token),
    aria: { enabled: true, label: { description: title }, decal: { show: true } },
    tooltip: {
      confine: true,
      backgroundColor: token("surface"),
      borderColor: token("edge"),
      textStyle: { color: token("ink"), fontFamily: token("text") },
      transitionDuration: 0,
    },
  };
}

function axes(kind, { names, rows }, cents) {
  const lines = names.slice(1);
  const show = words(cents);
  const quiet = { axisLine: { lineStyle: { color: token("edge") } }, axisTick: { show: false } };
  const direct = lines.length > 1 && kind === "line";
  return {
    grid: { left: 8, right: direct ? 110 : 24, top: 28, bottom: 8, containLabel: true },
    tooltip: {
      trigger: "axis",
      formatter: (points) =>
        tip([points[0].name, ...points.map((p) => `${p.seriesName}: ${p.value == null ? "–" : show(p.value)}`)]),
    },
    xAxis: { type: "category", data: rows.map((row) => row[0]), axisLabel: { color: token("soft"), hideOverlap: true }, boundaryGap: kind === "bar", ...quiet },
    yAxis: { type: "value", axisLabel: { color: token("soft"), formatter: axisWords(cents) }, splitLine: { lineStyle: { color: token("line") } }, splitNumber: 4 },
    series: lines.map((name, i) => ({
      name,
      type: kind,
      data: rows.map((row) => row[i + 1]),
      lineStyle: { width: 3, type: ["solid", "dashed", "dotted"][i % 3] },
      symbol: ["circle", "rect", "triangle"][i % 3],
      symbolSize: 7,
      showSymbol: rows.length < 40,
      barMaxWidth: 44,
      itemStyle: kind === "bar" ? { borderRadius: [4, 4, 0, 0] } : {},
      endLabel: { show: direct, formatter: "{a}", color: "inherit", fontWeight: 700 },
      label: { show: kind === "bar" && rows.length < 9 && lines.length === 1, position: "top", color: token("ink"), formatter: (p) => show(p.value) },
      emphasis: { disabled: true },
    })),
  };
}

// The same town may send and receive: a space keeps the two ends apart, flows stay free of circles.
function flows({ rows }, cents) {
  const show = words(cents);
  const palette = ["forest", "brick", "sky", "warn", "soft", "ok"].map(token);
  const towns = [...new Set(rows.flatMap((row) => [row[0], row[1]]))];
  const colour = (town) => palette[towns.indexOf(town) % palette.length];
  const from = [...new Set(rows.map((row) => row[0]))].map((name) => ({ name: `${name} `, itemStyle: { color: colour(name) }, label: { position: "right" } }));
  const to = [...new Set(rows.map((row) => row[1]))].map((name) => ({ name, itemStyle: { color: colour(name) }, label: { position: "left" } }));
  return {
    tooltip: {
      formatter: (p) => tip([p.dataType === "edge" ? `${p.data.source.trim()} → ${p.data.target}: ${show(p.value)}` : `${p.name.trim()}: ${show(p.value)}`]),
    },
    series: [
      {
        type: "sankey",
        left: 4, right: 4, top: 12, bottom: 12,
        nodeGap: 10, nodeWidth: 14, draggable: false,
        data: [...from, ...to],
        links: rows.map(([source, target, value]) => ({ source: `${source} `, target, value })),
        lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
        label: { color: token("ink"), fontSize: 14, formatter: (p) => p.name.trim() },
        emphasis: { focus: "adjacency" },
      },
    ],
  };
}

function options(table) {
  const kind = table.dataset.chart;
  const cents = table.dataset.unit === "cents";
  const basis = common(table.caption?.textContent.trim() ?? "");
  const content = kind === "sankey" ? flows(read(table), cents) : axes(kind, read(table), cents);
  return { ...basis, ...content, tooltip: { ...basis.tooltip, ...content.tooltip } };
}

async function draw(table) {
  const figure = table.closest(".chart");
  const host = figure.querySelector(".chart-host");
  const { init } = await import(library);
  host.hidden = false;
  host.classList.toggle("sankey", table.dataset.chart === "sankey");
  const chart = init(host, null, { renderer: "svg" });
  chart.setOption(options(table));
  drawn.set(table, chart);
  new ResizeObserver(() => chart.resize()).observe(host);
  figure.querySelector(".chart-data").open = false;
}

function redraw() {
  for (const [table, chart] of drawn) chart.setOption(options(table), true);
}

// The library is large: it is fetched when the first chart comes near.
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      draw(target.querySelector("table[data-chart]")).catch((reason) => console.warn("chart", reason));
    }
  },
  { rootMargin: "400px" },
);

for (const table of document.querySelectorAll("table[data-chart]")) {
  if (table.tBodies[0]?.rows.length) near.observe(table.closest(".chart"));
}
document.addEventListener("themechange", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
