import { add, addRing, noise, type Scene } from "./sound.js";

/** What the machine does in one clip. */
export interface Operation {
  /** Blade-pass frequency, clicks a second, strokes a second: the machine's operating condition. */
  readonly condition: number;
  readonly anomalous: boolean;
}

/**
 * The faults of fan and slider are as loud as the ASTRA spec §9 says; the valve's ring is weaker (our choice: at the spec's
 * level every score hears it). Per-band mean and deviation of the log-mel picture, with ASTRA's own scoring, then reach
 * an AUC near 0.96 (source) and 0.87 (target) at preset `small`.
 */
export interface SyntheticMachine {
  readonly name: string;
  /** Attribute name in file names and in the CSV. */
  readonly attribute: string;
  /** Three conditions heard in the source domain; the target domain has one of its own. */
  readonly source: readonly [number, number, number];
  readonly target: number;
  /** A condition as the attribute's value. */
  attributeValue(condition: number): string;
  /** Steady background, relative to the machine's own sound. */
  readonly backgroundLevel: number;
  /** The machine alone, without background; about 1 at its loudest. */
  sound(scene: Scene, operation: Operation): Float64Array;
}

/**
 * A fan: eight harmonics of the blade-pass frequency falling as 1/k.
 * Broken: something rubs ten times slower than the blades pass; broadband noise of 2.5–4 kHz, on and off.
 */
const fan: SyntheticMachine = {
  name: "fan",
  attribute: "spd",
  source: [110, 140, 170],
  target: 200,
  attributeValue: (hz) => `${hz}Hz`,
  backgroundLevel: 0.35,
  sound(scene, { condition, anomalous }) {
    const { random, sampleRate } = scene;
    const hz = condition * random.uniform(0.99, 1.01);
    const samples = new Float64Array(scene.length);
    for (let k = 1; k <= 8; k++) {
      const phase = random.uniform(0, 2 * Math.PI);
      add(samples, sampleRate, 0.5 / k, (t) => Math.sin(2 * Math.PI * k * hz * t + phase));
    }
    if (!anomalous) return samples;
    const level = random.uniform(0.1, 0.22);
    const start = random.uniform();
    const rub = noise(scene, { lowHz: 2500, highHz: 4000 });
    return samples.map((x, i) => ((start + ((i / sampleRate) * hz) / 10) % 1 < 0.5 ? x + level * rub[i] : x));
  },
};

/**
 * A solenoid valve: clicks at a steady rate, each three struck resonances, with 4 ms of jitter.
 * Broken: every click also rings at 3.3 kHz (a loose part), and every other broken clip misses one click.
 */
const valve: SyntheticMachine = {
  name: "valve",
  attribute: "pat",
  source: [4, 5, 6],
  target: 7,
  attributeValue: (rate) => `${rate}ps`,
  backgroundLevel: 0.1,
  sound(scene, { condition, anomalous }) {
    const { random, sampleRate, length } = scene;
    const samples = new Float64Array(length);
    const offset = random.uniform();
    const clicks = Math.ceil((length / sampleRate) * condition);
    const loose = anomalous ? random.uniform(0.05, 0.12) : 0;
    const missing = anomalous && random.chance(0.5) ? random.integer(clicks) : -1;
    for (let click = 0; click < clicks; click++) {
      const start = (click + offset) / condition + random.normal(0, 0.004);
      if (click === missing) continue;
      for (const [hz, milliseconds] of [
        [900, 20],
        [2300, 12],
        [4700, 8],
      ]) {
        addRing(samples, sampleRate, { start, hz, decay: milliseconds / 1000, level: 0.4 });
      }
      addRing(samples, sampleRate, { start, hz: 3300, decay: 0.045, level: loose });
    }
    return samples;
  },
};

/**
 * A slide rail: a tone that runs up and down between 600 and 1500 Hz once a stroke, with its second harmonic.
 * Broken: it squeaks at 4.2 kHz, with 35 Hz of vibrato, where the motion turns.
 */
const slider: SyntheticMachine = {
  name: "slider",
  attribute: "vel",
  source: [1, 1.4, 1.8],
  target: 2.2,
  attributeValue: (rate) => `${String(Math.round(60 * rate)).padStart(3, "0")}pm`,
  backgroundLevel: 0.25,
  sound(scene, { condition, anomalous }) {
    const { random, sampleRate, length } = scene;
    const samples = new Float64Array(length);
    const offset = random.uniform();
    const squeak = anomalous ? random.uniform(0.2, 0.4) : 0;
    let phase = random.uniform(0, 2 * Math.PI);
    for (let i = 0; i < length; i++) {
      const t = i / sampleRate;
      const stroke = (offset + condition * t) % 1;
      const position = 1 - Math.abs(2 * stroke - 1); // 0 → 1 → 0
      phase += (2 * Math.PI * (600 + 900 * position)) / sampleRate;
      samples[i] = 0.5 * Math.sin(phase) + 0.25 * Math.sin(2 * phase);
      const sinceTurn = Math.min(position, 1 - position) / (2 * condition); // seconds to or from the nearest end
      const envelope = Math.max(0, 1 - sinceTurn / 0.04);
      samples[i] += squeak * envelope * Math.sin(2 * Math.PI * 4200 * t + 4 * Math.sin(2 * Math.PI * 35 * t));
    }
    return samples;
  },
};

export const syntheticMachines: readonly SyntheticMachine[] = [fan, valve, slider];

/** Two rooms. The target's has flatter noise, mains hum at 60 Hz and a recorder set lower. */
const rooms = {
  source: { slope: 1, hum: 0, gain: 0.25 },
  target: { slope: 0.75, hum: 0.5, gain: 0.15 },
} as const;

export type Domain = keyof typeof rooms;

/** The background alone, root mean square near 1. */
function roomNoise(scene: Scene, domain: Domain): Float64Array {
  const { slope, hum } = rooms[domain];
  const background = noise(scene, { slope });
  const phase = scene.random.uniform(0, 2 * Math.PI);
  add(background, scene.sampleRate, hum, (t) => Math.sin(2 * Math.PI * 60 * t + phase));
  return background;
}

/**
 * One clip: the machine in its room. From clip to clip the gain varies by ±10 % and the background by ±3 dB, so that a
 * change of the noise floor alone is no anomaly.
 * @returns samples within ±1
 */
export function recordClip(machine: SyntheticMachine, scene: Scene, operation: Operation, domain: Domain): Float64Array {
  const sound = machine.sound(scene, operation);
  const background = roomNoise(scene, domain);
  const level = machine.backgroundLevel * scene.random.uniform(0.7, 1.4);
  const gain = rooms[domain].gain * scene.random.uniform(0.9, 1.1);
  return sound.map((x, i) => limited(gain * (x + level * background[i])));
}

/** A supplemental clip: the room while the machine stands still. */
export function recordRoom(scene: Scene, domain: Domain): Float64Array {
  return roomNoise(scene, domain).map((x) => limited(0.5 * rooms[domain].gain * x));
}

const limited = (sample: number): number => Math.max(-1, Math.min(1, sample));
