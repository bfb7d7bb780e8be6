# SPDX-License-Identifier: ISC
"""Plots of the results, as SVG."""
import math

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 34, 46
COLOURS = ("#1f6fb4", "#c8502d", "#3a8f4f", "#8a5aa8", "#7a7a7a", "#b58900")
STYLE = 'font-family="sans-serif" font-size="12" fill="#333"'


def steps(low, high, most=6):
    """Round numbers between two others."""
    if high <= low:
        high = low + 1
    step = 10 ** math.floor(math.log10((high - low) / most))
    while (high - low) / step > most:
        for factor in 2, 2.5, 2:
            step *= factor
            if (high - low) / step <= most:
                break
    return [n * step for n in range(math.ceil(low / step),
                                    math.floor(high / step) + 1)]


class Scale:
    """From values to places on the paper."""

    def __init__(self, values, start, end, log=False):
        self.log, self.start, self.end = log, start, end
        self.low = min(values) if log else min(0, min(values))
        self.high = max(values)
        if self.high == self.low:
            self.high = self.low + 1

    def __call__(self, value):
        low, high = self.low, self.high
        if self.log:
            low, high, value = map(math.log10, (low, high, max(value, low)))
        return self.start + (value - low) / (high - low) * (
            self.end - self.start)

    def ticks(self):
        if not self.log:
            return steps(self.low, self.high)
        return [10 ** n for n in range(
            math.ceil(math.log10(self.low) - 1e-9),
            math.floor(math.log10(self.high) + 1e-9) + 1)]


def text(x, y, words, anchor="middle", more=""):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" %s %s>%s</text>' % (
        x, y, anchor, STYLE, more, words)


def line(x1, y1, x2, y2, colour="#ddd"):
    return ('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>' % (
        x1, y1, x2, y2, colour))


def number(value):
    return "%g" % round(value, 6)


def chart(title, x_label, y_label, series, log=False, top=0, dots=False):
    """series: (name, [(x, y)...]).  The elements of one chart."""
    points = [point for _, some in series for point in some]
    x = Scale([p[0] for p in points], LEFT, WIDTH - RIGHT, log)
    y = Scale([p[1] for p in points], top + HEIGHT - BOTTOM, top + TOP, log)
    out = [text(LEFT, top + 20, title, "start", 'font-weight="bold"')]
    for tick in y.ticks():
        out += [line(LEFT, y(tick), WIDTH - RIGHT, y(tick)),
                text(LEFT - 6, y(tick) + 4, number(tick), "end")]
    for tick in x.ticks():
        out += [line(x(tick), top + HEIGHT - BOTTOM, x(tick),
                     top + HEIGHT - BOTTOM + 4, "#888"),
                text(x(tick), top + HEIGHT - BOTTOM + 18, number(tick))]
    out += [text((LEFT + WIDTH - RIGHT) / 2, top + HEIGHT - 8, x_label),
            text(14, top + HEIGHT / 2, y_label, "middle",
                 'transform="rotate(-90 14 %d)"' % (top + HEIGHT / 2))]
    for n, (name, some) in enumerate(series):
        colour = COLOURS[n % len(COLOURS)]
        places = ["%.1f,%.1f" % (x(a), y(b)) for a, b in some]
        out.append('<polyline fill="none" stroke="%s" stroke-width="1.8" '
                   'points="%s"/>' % (colour, " ".join(places)))
        if dots:
            out += ['<circle cx="%s" cy="%s" r="3" fill="%s"/>' % (
                *place.split(","), colour) for place in places]
        out.append(text(WIDTH - RIGHT + 8, top + TOP + 14 + 18 * n, name,
                        "start", 'style="fill:%s"' % colour))
    return out


def page(charts):
    height = HEIGHT * len(charts)
    body = "\n".join(element for one in charts for element in one)
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d">\n'
            '<rect width="%d" height="%d" fill="#fff"/>\n%s\n</svg>\n' % (
                WIDTH, height, WIDTH, height, body))


def growth(data):
    """Memory and processor time beside the number of devices."""
    rows = data["cases"][0]["rows"]

    def column(key, factor=1.0):
        return [(row["devices"], row[key] * factor) for row in rows]

    return page([
        chart("Memory of its own", "known devices", "MiB", [
            ("daemon", column("daemon_kib", 1 / 1024)),
            ("scanner", column("scanner_kib", 1 / 1024))], dots=True),
        chart("Processor time until all are found and have answered",
              "known devices", "seconds",
              [("daemon", column("daemon_cpu")),
               ("scanner", column("scanner_cpu"))], top=HEIGHT, dots=True)])


def thousand(data):
    """How a run went on."""
    case = data["cases"][0]
    rows, samples = case["progress"], case["samples"]
    size = case["devices"] * 504848
    busy = [(b["t"], 100 * (b["daemon_cpu"] - a["daemon_cpu"]) /
             (b["t"] - a["t"])) for a, b in zip(samples[::4], samples[4::4])]
    states = [("flashed", ("flashed",)),
              ("downloading", ("downloading",)),
              ("leaving", ("rebooting",)),
              ("before that", ("probing", "unlocking", "confirming",
                               "offering"))]
    return page([
        chart("%d devices, %d at a time" % (case["devices"],
                                            case["parallel"]),
              "seconds", "devices", [
                  (name, [(row["t"], sum(row.get(state, 0) for state in some))
                          for row in rows]) for name, some in states]),
        chart("Bytes of images handed over", "seconds", "% of all",
              [("all devices", [(row["t"], 100 * row["bytes"] / size)
                                for row in rows])], top=HEIGHT),
        chart("The daemon", "seconds", "% of a processor, or MiB",
              [("processor, %", busy),
               ("resident, MiB", [(row["t"], row["daemon_kib"] / 1024)
                                  for row in samples])], top=2 * HEIGHT)])


PLOTS = {"growth": growth, "thousand": thousand}
