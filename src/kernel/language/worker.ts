// The thread that answers questions about types, so that neither cells nor the protocol ever wait for the checker.
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import ts from "typescript";
import { Checker } from "./checker.js";

export type Question =
  | { readonly id: number; readonly kind: "ran"; readonly cell: number; readonly code: string }
  | { readonly id: number; readonly kind: "complete" | "inspect"; readonly code: string; readonly cursor: number }
  | { readonly id: number; readonly kind: "check"; readonly code: string };

// Cells go first. On Linux this is a matter of the calling thread alone; elsewhere of the process, which runs the protocol too.
if (process.platform === "linux") setPriority(0, 5);

const checker = new Checker(ts, (workerData as { folder: string }).folder);

function answer(question: Question): unknown {
  switch (question.kind) {
    case "ran":
      return checker.ran(question.cell, question.code);
    case "complete":
      return checker.complete(question.code, question.cursor);
    case "inspect":
      return checker.inspect(question.code, question.cursor);
    default:
      return checker.check(question.code);
  }
}

function reply(question: Question): { id: number; value?: unknown; failure?: string } {
  try {
    return { id: question.id, value: answer(question) };
  } catch (error) {
    return { id: question.id, failure: (error as Error).message };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.on("message", (question: Question) => parentPort?.postMessage(reply(question)));
