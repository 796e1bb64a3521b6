import { parentPort } from "node:worker_threads";
import { extractPatient, type ExtractedPatient, type PatientJob } from "./extract-patient.js";

/** What a worker thread answers for a patient. */
export interface PatientAnswer {
  readonly patient: string;
  readonly extracted?: ExtractedPatient;
  /** Why the patient could not be extracted. */
  readonly problem?: string;
}

parentPort?.on("message", (job: PatientJob) => {
  const { patient } = job;
  extractPatient(job).then(
    (extracted): PatientAnswer => ({ patient, extracted }),
    (error: Error): PatientAnswer => ({ patient, problem: error.message }),
  ).then((answer) => parentPort!.postMessage(answer, []));
});
