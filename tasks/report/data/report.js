"use strict";
// Draws the page's plots from the data that it holds. Text is only ever set as text.
(() => {
  const charts = JSON.parse(document.getElementById("data").textContent);
  const spoken = document.getElementById("spoken");
  const number = new Intl.NumberFormat("en");
  const narrow = () => window.innerWidth < 640;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const drawn = [];

  function lasting(seconds) {
    const withRest = (whole, rest) => (parseInt(rest, 10) ? `${whole} ${rest}` : whole);
    if (seconds < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.floor(seconds)} s`;
    if (seconds < 3600) return withRest(`${Math.floor(seconds / 60)} min`, `${Math.floor(seconds % 60)} s`);
    return withRest(`${Math.floor(seconds / 3600)} h`, `${Math.floor((seconds % 3600) / 60)} min`);
  }

  function element(name, text, parent) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  /* What a tooltip shows and a screen reader hears: a head, and lines of [name, value, colour]. */
  function linesOf(chart, place) {
    if (chart.form === "points") {
      const { cloud, point } = place;
      return [point.note, [["ended", point.at.slice(0, 16).replace("T", " ")], ["took", lasting(point.seconds)],
        ["items", number.format(point.items)], ["state", cloud.name]]];
    }
    const lines = chart.series.filter((one) => one.values[place])
      .map((one) => [one.name, number.format(one.values[place]), `c${one.colour}`]);
    if (!lines.length) lines.push([`no ${chart.unit}`, ""]);
    if (lines.length > 1) {
      const sum = chart.series.reduce((total, one) => total + one.values[place], 0);
      lines.push(["all", number.format(sum)]);
    }
    return [chart.categories[place], lines];
  }

  function tip(chart, place) {
    const [head, lines] = linesOf(chart, place);
    const box = element("div");
    box.className = "tip";
    element("b", head, box);
    for (const [name, value, key] of lines) {
      const line = element("div", undefined, box);
      if (key) element("i", undefined, line).style.background = colour(key);
      element("span", name, line);
      element("em", value, line);
    }
    return box;
  }

  function base() {
    const quiet = colour("quiet"), line = colour("line");
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: quiet, fontSize: 12 },
      aria: { enabled: matchMedia("(prefers-contrast: more)").matches, label: { enabled: false }, decal: { show: true } },
      legend: { type: "scroll", left: 0, top: 0, itemWidth: 10, itemHeight: 10, itemGap: 14, icon: "roundRect",
        textStyle: { color: colour("ink"), fontSize: 12 }, pageIconColor: quiet, pageTextStyle: { color: quiet } },
      tooltip: { confine: true, backgroundColor: colour("card"), borderColor: line, padding: [8, 10],
        textStyle: { color: colour("ink") }, extraCssText: "box-shadow:0 4px 14px rgba(0,0,0,.16)" },
      axis: { axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: quiet, hideOverlap: true },
        splitLine: { lineStyle: { color: line, type: [2, 3] } }, nameTextStyle: { color: quiet } },
    };
  }

  function bars(chart) {
    const made = base(), lying = chart.form === "bars", many = !lying && chart.categories.length > 45;
    const value = { ...made.axis, type: "value", minInterval: 1, axisLabel: { ...made.axis.axisLabel, formatter: (at) => number.format(at) } };
    const names = { ...made.axis, type: "category", data: chart.categories, inverse: lying, splitLine: { show: false },
      axisLabel: { ...made.axis.axisLabel, ...(lying ? { width: narrow() ? 100 : 150, overflow: "truncate", interval: 0 } : {}) } };
    const legend = chart.series.length > 1;
    return {
      ...made,
      legend: { ...made.legend, show: legend },
      grid: { left: 0, right: lying ? 28 : 8, top: legend ? 34 : 12, bottom: many ? 52 : 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: { ...made.tooltip, trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: colour("ink"), opacity: .07 } },
        formatter: (found) => tip(chart, found[0].dataIndex) },
      xAxis: lying ? value : names,
      yAxis: lying ? names : value,
      dataZoom: many ? [{ type: "slider", height: 26, bottom: 8, left: 44, right: 14, borderColor: "transparent", backgroundColor: colour("calm-bg"), brushSelect: false,
        fillerColor: colour("c0") + "33", dataBackground: { lineStyle: { opacity: 0 }, areaStyle: { color: colour("c7"), opacity: .5 } },
        selectedDataBackground: { lineStyle: { opacity: 0 }, areaStyle: { color: colour("c0"), opacity: .5 } },
        handleStyle: { color: colour("card"), borderColor: colour("quiet") }, moveHandleSize: 0, textStyle: { color: colour("quiet") } }] : [],
      series: chart.series.map((one) => ({ type: "bar", name: one.name, stack: "all", data: one.values,
        barMaxWidth: lying ? 22 : 46, barCategoryGap: lying ? "35%" : "18%", itemStyle: { color: colour(`c${one.colour}`) },
        emphasis: { focus: "none" } })),
    };
  }

  function points(chart) {
    const made = base();
    const most = Math.max(1, ...chart.clouds.flatMap((cloud) => cloud.points.map((point) => point.items)));
    return {
      ...made,
      legend: { ...made.legend, show: chart.clouds.length > 1, icon: "circle" },
      grid: { left: 0, right: 16, top: chart.clouds.length > 1 ? 34 : 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: { ...made.tooltip, trigger: "item", formatter: (found) => tip(chart, { cloud: chart.clouds[found.seriesIndex], point: chart.clouds[found.seriesIndex].points[found.dataIndex] }) },
      xAxis: { ...made.axis, type: "time", useUTC: true, splitLine: { show: false }, splitNumber: narrow() ? 3 : 6 },
      yAxis: { ...made.axis, type: "log", logBase: 60, axisLabel: { ...made.axis.axisLabel, formatter: lasting } },
      useUTC: true,
      series: chart.clouds.map((cloud) => ({ type: "scatter", name: cloud.name,
        symbol: cloud.colour ? "diamond" : "circle",
        data: cloud.points.map((point) => [point.at, point.seconds, point.items]),
        symbolSize: (value) => 6 + 20 * Math.sqrt(value[2] / most),
        itemStyle: { color: colour(`c${cloud.colour}`), opacity: .75 } })),
    };
  }

  /* Arrow keys go from value to value; what the tooltip shows is read out. */
  function keys(plot, chart, view) {
    const places = chart.form === "points"
      ? chart.clouds.flatMap((cloud, seriesIndex) => cloud.points.map((point, dataIndex) => ({ cloud, point, seriesIndex, dataIndex })))
        .sort((one, other) => one.point.at.localeCompare(other.point.at))
      : chart.categories.map((_, place) => place);
    let at = -1;
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
      if (event.key === "Escape") view.dispatchAction({ type: "hideTip" });
      if (step === undefined || !places.length) return;
      event.preventDefault();
      at = Math.min(places.length - 1, Math.max(0, at < 0 && step === -1 ? places.length - 1 : at + step));
      const place = places[at];
      view.dispatchAction({ type: "showTip", seriesIndex: place.seriesIndex ?? 0, dataIndex: place.dataIndex ?? place });
      const [head, lines] = linesOf(chart, place);
      spoken.textContent = `${head}: ${lines.map(([name, value]) => `${name} ${value}`).join(", ")}`;
    });
    plot.addEventListener("blur", () => view.dispatchAction({ type: "hideTip" }));
  }

  function draw(figure) {
    const chart = charts[figure.dataset.chart], plot = figure.querySelector(".plot");
    if (chart.form === "bars") plot.style.height = `${Math.max(9, 4 + 2.1 * chart.categories.length)}rem`;
    const view = echarts.init(plot, null, { renderer: "svg" });
    const show = () => view.setOption(chart.form === "points" ? points(chart) : bars(chart), true);
    show();
    for (const picture of plot.querySelectorAll("svg")) picture.setAttribute("aria-hidden", "true");
    keys(plot, chart, view);
    drawn.push({ view, show });
    new ResizeObserver(() => view.resize()).observe(plot);
  }

  for (const figure of document.querySelectorAll("[data-chart]")) draw(figure);

  for (const group of document.querySelectorAll("[data-views]")) {
    const figures = [...group.querySelectorAll("[data-label]")];
    if (figures.length < 2) continue;
    const bar = element("div");
    bar.className = "views";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", `${group.dataset.views}: which time`);
    const choose = (chosen) => figures.forEach((figure, place) => {
      figure.hidden = place !== chosen;
      bar.children[place].setAttribute("aria-pressed", String(place === chosen));
    });
    figures.forEach((figure, place) => {
      const button = element("button", figure.dataset.label, bar);
      button.type = "button";
      button.addEventListener("click", () => choose(place));
    });
    group.prepend(bar);
    choose(0);
  }

  const again = () => drawn.forEach(({ show }) => show());
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(max-width: 640px)"]) matchMedia(query).addEventListener("change", again);
})();
