// Numbers, times and words as people read them. Times are UTC microseconds.

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const FOREVER_US = 7258118400000000;

const usdWhole = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const usdCents = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
// A model's score lies close to 1: four places would show the threshold and what is above it as the same.
const fine = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });
const plain = new Intl.NumberFormat("en-US", { maximumFractionDigits: 4 });

export const count = (number) => plain.format(number);
export const usd = (amount) => (amount === null ? "unknown" : (Math.abs(amount) >= 10000 ? usdWhole : usdCents).format(amount));

const iso = (us) => new Date(us / 1000).toISOString();
export const minute = (us) => `${iso(us).slice(0, 10)} ${iso(us).slice(11, 16)}`;
export const second = (us) => `${iso(us).slice(0, 10)} ${iso(us).slice(11, 19)}`;
export const until = (us) => (us >= FOREVER_US ? "no end" : `${minute(us)} UTC`);

export function duration(seconds) {
  if (seconds >= 2 * DAY) return `${plain.format(seconds / DAY)} days`;
  if (seconds >= 2 * HOUR) return `${plain.format(seconds / HOUR)} h`;
  if (seconds >= 2 * MINUTE) return `${plain.format(seconds / MINUTE)} min`;
  return `${plain.format(seconds)} s`;
}

// The unit rides in the name: inflow_usd, gap_s, kept_share.
export function measured(name, value) {
  if (value === null) return "–";
  if (/(^|_)usd($|_)/.test(name)) return usd(value);
  if (/_s$/.test(name)) return duration(value);
  if (/^since_/.test(name)) return `${plain.format(value)} hours`;
  const unit = /_(hours|minutes|days|km)$/.exec(name);
  if (unit) return `${plain.format(value)} ${value === 1 ? unit[1].replace(/s$/, "") : unit[1]}`;
  if (/_us$/.test(name)) return duration(value / 1e6);
  if (/_share$|^share$/.test(name)) return `${plain.format(value * 100)} %`;
  return (/(^|_)score$/.test(name) ? fine : plain).format(value);
}

export const words = (name) => name.replace(/[_-]+/g, " ");

// Exact decimal text with thousands marks, without turning it into a number.
export function exact(text) {
  const [whole, rest = ""] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const trimmed = rest.replace(/0+$/, "");
  return trimmed ? `${grouped}.${trimmed}` : grouped;
}
