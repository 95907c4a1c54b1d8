// The data of the page: what a map can show of a sample, and where its particles are.
const data = JSON.parse(document.getElementById("data").textContent);
const kinds = { f4: Float32Array, i4: Int32Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };
const decodedArrays = new WeakMap();

/** The typed array of a record {type, data}, decoded when it is first asked for. */
function decoded(record) {
  let array = decodedArrays.get(record);
  if (array === undefined) {
    const text = atob(record.data);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    array = new kinds[record.type](bytes.buffer);
    decodedArrays.set(record, array);
  }
  return array;
}

// --- what is shown -------------------------------------------------------------------------------------------------

const derived = new WeakMap();

/** What a map can show of a sample: {title, unit, softer, limits, logarithmic, values, ranks}. */
function quantity(sample, name, event) {
  const [kind, key] = name.split(":");
  if (kind === "field") {
    const field = sample.fields.find((entry) => entry.key === key);
    if (!derived.has(field)) {
      const doubled = decoded(field.ranks);
      let known = 0;
      for (const rank of doubled) known += rank > 0;
      const ranks = Float32Array.from(doubled, (rank) => (rank > 0 ? rank / (2 * known) : NaN));
      derived.set(field, { ...field, heading: heading(field), values: decoded(field.values), ranks });
    }
    return derived.get(field);
  }
  const record = kind === "event" ? sample.events[event] : sample;
  if (record === undefined || record[source(key)] === undefined) return null;
  if (!derived.has(record)) derived.set(record, {});
  const known = derived.get(record);
  if (known[name] === undefined) known[name] = ofNumbers(record, key, sample);
  return known[name];
}

function source(key) {
  return { mode_size: "mode", displacement_size: "displacement" }[key] ?? key;
}

function ofNumbers(record, key, sample) {
  let values = decoded(record[source(key)]);
  if (source(key) !== key) values = lengths(values, sample.dimension);
  const sorted = Float32Array.from(values.filter((value) => Number.isFinite(value))).sort();
  const limits = sorted.length ? [quantile(sorted, 0.01), quantile(sorted, 0.99)] : [0, 1];
  if (!(limits[1] > limits[0])) limits[1] = limits[0] + 1;
  const logarithmic = key.endsWith("d2min") && limits[0] > 0 && limits[1] > 100 * limits[0];
  return {
    heading: eventQuantities[key], softer: "large", values, limits, logarithmic, ranks: ranked(values, sorted),
  };
}

const eventQuantities = {
  mode_size: "critical mode |Ψ<sub>c</sub>|",
  mode_d2min: "<i>D</i><sup>2</sup><sub>min</sub> of the critical mode",
  displacement_size: "displacement in the avalanche |<i>u</i>|",
  displacement_d2min: "<i>D</i><sup>2</sup><sub>min</sub> of the avalanche",
  diameters: "diameter of the particle",
};
const plain = {
  mode_size: "critical mode |Ψ|", mode_d2min: "D²min of the critical mode",
  displacement_size: "displacement in the avalanche", displacement_d2min: "D²min of the avalanche",
};

function heading(field) {
  return `${field.title} ${field.symbol}${field.unit ? ` (${field.unit})` : ""}`;
}

function lengths(vectors, dimension) {
  const sizes = new Float32Array(vectors.length / dimension);
  for (let i = 0; i < sizes.length; i++) {
    let sum = 0;
    for (let axis = 0; axis < dimension; axis++) sum += vectors[i * dimension + axis] ** 2;
    sizes[i] = Math.sqrt(sum);
  }
  return sizes;
}

function quantile(sorted, part) {
  const place = part * (sorted.length - 1), low = Math.floor(place);
  return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/** The rank in (0, 1] of each value; equal values share the mean of theirs. */
function ranked(values, sorted) {
  const bound = (value, upper) => {
    let low = 0, high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value || (upper && sorted[middle] === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return values.map((value) =>
    Number.isFinite(value) ? (bound(value, false) + bound(value, true) + 1) / (2 * sorted.length) : NaN);
}

// --- where the particles are ---------------------------------------------------------------------------------------

/** Discs in the cell with the images that reach into it; in three dimensions the cuts of the spheres at a height. */
function discsOf(sample, depth) {
  const { cell, origin, dimension } = sample;
  const fractions = decoded(sample.fractions), diameters = decoded(sample.diameters);
  const made = { x: [], y: [], radius: [], particle: [] };
  const height = dimension === 3 ? cell[2][2] : 0;
  const area = Math.abs(cell[0][0] * cell[1][1] - cell[0][1] * cell[1][0]);
  // Distances between opposite sides of the cell, for the reach of a disc in fractions.
  const widths = [area / Math.hypot(cell[0][1], cell[1][1]), area / Math.hypot(cell[0][0], cell[1][0])];
  for (let i = 0; i < diameters.length; i++) {
    let radius = 0.5 * diameters[i];
    if (dimension === 3) {
      let away = fractions[3 * i + 2] - depth;
      away = (away - Math.round(away)) * height;
      if (Math.abs(away) >= radius) continue;
      radius = Math.sqrt(radius * radius - away * away);
    }
    const first = fractions[dimension * i], second = fractions[dimension * i + 1];
    const reach = [radius / widths[0], radius / widths[1]];
    for (let m = -1; m <= 1; m++) {
      const f = first + m;
      if (f <= -reach[0] || f >= 1 + reach[0]) continue;
      for (let n = -1; n <= 1; n++) {
        const g = second + n;
        if (g <= -reach[1] || g >= 1 + reach[1]) continue;
        made.x.push(origin[0] + f * cell[0][0] + g * cell[0][1]);
        made.y.push(origin[1] + f * cell[1][0] + g * cell[1][1]);
        made.radius.push(radius);
        made.particle.push(i);
      }
    }
  }
  return {
    x: Float32Array.from(made.x), y: Float32Array.from(made.y), radius: Float32Array.from(made.radius),
    particle: Int32Array.from(made.particle),
  };
}

function place(sample, i) {
  const { cell, origin, dimension } = sample, fractions = decoded(sample.fractions);
  const f = fractions[dimension * i], g = fractions[dimension * i + 1];
  return [origin[0] + f * cell[0][0] + g * cell[0][1], origin[1] + f * cell[1][0] + g * cell[1][1]];
}

function corners(sample) {
  const { cell, origin } = sample;
  return [[0, 0], [1, 0], [1, 1], [0, 1]].map(([f, g]) =>
    [origin[0] + f * cell[0][0] + g * cell[0][1], origin[1] + f * cell[1][0] + g * cell[1][1]]);
}
