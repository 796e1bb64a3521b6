import { setImmediate as nextTurn } from "node:timers/promises";
import { Interrupted, type Progress } from "../core/index.js";
import { plateau, type PlateauConfig, type PlateauState } from "./plateau.js";

/** Where a training run stands. Plain JSON: with the weights and the optimizer it is all a resumed run needs. */
export interface TrainingState {
  /** Finished epochs. */
  readonly epoch: number;
  /** Finished steps of the epoch that has begun. */
  readonly step: number;
  /** Sum of the losses of those steps. */
  readonly lossSum: number;
  readonly plateau: PlateauState;
  readonly history: readonly EpochRecord[];
}

export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean of the batch losses. */
  readonly loss: number;
  /** The rate the epoch was trained with. */
  readonly learningRate: number;
}

export interface TrainingPlan {
  readonly task: string;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Lowers the learning rate; it stays what it is when left out. */
  readonly plateau?: PlateauConfig;
  /**
   * One optimizer step. Whatever is random in it must follow from `epoch` and `step` alone (a named substream each),
   * so that a resumed run draws what the uninterrupted one would have drawn.
   * @returns the batch's loss
   */
  step(epoch: number, step: number, learningRate: number): Promise<number>;
  /** Called after every epoch and when the signal fires; makes the state last. Says where it was saved. */
  save(state: TrainingState): Promise<string>;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

export function startOfTraining(learningRate: number): TrainingState {
  return { epoch: 0, step: 0, lossSum: 0, plateau: { learningRate, best: null, badEpochs: 0 }, history: [] };
}

/** Whether what a file held is a state. */
export const isTrainingState = (state: Partial<TrainingState>): boolean => Number.isInteger(state.epoch) && Array.isArray(state.history);

/**
 * Trains from a state to the last epoch.
 * @returns the final state
 * @throws Interrupted after the running step when the signal fires; the state has been saved
 */
export async function runTraining(plan: TrainingPlan, from: TrainingState): Promise<TrainingState> {
  const { epochs, stepsPerEpoch, progress, signal } = plan;
  let state = from;
  const task = progress.begin(plan.task, epochs * stepsPerEpoch);
  while (state.epoch < epochs) {
    // A turn of the event loop, so that Ctrl-C is heard between steps that never wait for anything.
    await nextTurn();
    if (signal?.aborted) {
      const saved = await plan.save(state);
      task.end("interrupted");
      throw new Interrupted(`Saved ${saved}; the same command goes on from there.`);
    }
    if (state.step < stepsPerEpoch) {
      const loss = await plan.step(state.epoch, state.step, state.plateau.learningRate);
      state = { ...state, step: state.step + 1, lossSum: state.lossSum + loss };
    }
    if (state.step === stepsPerEpoch) {
      state = endOfEpoch(state, plan);
      await plan.save(state);
    }
    task.update(state.epoch * stepsPerEpoch + state.step, note(state, epochs));
  }
  task.end(note(state, epochs));
  return state;
}

function endOfEpoch(state: TrainingState, { stepsPerEpoch, plateau: config }: TrainingPlan): TrainingState {
  const loss = state.lossSum / stepsPerEpoch;
  const { learningRate } = state.plateau;
  const record = { epoch: state.epoch + 1, loss, learningRate };
  const next = config ? plateau(state.plateau, loss, config) : state.plateau;
  return { epoch: state.epoch + 1, step: 0, lossSum: 0, plateau: next, history: [...state.history, record] };
}

function note({ epoch, step, lossSum, history }: TrainingState, epochs: number): string {
  const loss = step > 0 ? lossSum / step : history.at(-1)?.loss;
  return `epoch ${Math.min(epoch + 1, epochs)}/${epochs}${loss === undefined ? "" : `, loss ${loss.toFixed(3)}`}`;
}
