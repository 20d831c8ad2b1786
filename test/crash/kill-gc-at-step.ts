import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { DatabaseSync } from "node:sqlite"

/**
 * Loaded before the command line: numbers each change that garbage collection makes to the store, and ends the process as kill -9 does
 * before the change whose number is in KILL_AT_STEP. With STEPS_FILE it writes down what the changes were instead.
 */
const killAt = Number(process.env["KILL_AT_STEP"] ?? 0)
const stepsFile = process.env["STEPS_FILE"]
const { appendFileSync, rmSync } = fs
let steps = 0

const reach = (step: string): void => {
  steps += 1
  if (stepsFile !== undefined) appendFileSync(stepsFile, `${step}\n`)
  if (steps === killAt) process.kill(process.pid, "SIGKILL")
}

const { exec } = DatabaseSync.prototype
let last = ""
DatabaseSync.prototype.exec = function (sql) {
  if (sql === "COMMIT" && last === "BEGIN IMMEDIATE") reach("COMMIT")
  if (/incremental_vacuum|wal_checkpoint/.test(sql)) reach(sql)
  last = sql
  exec.call(this, sql)
}
fs.rmSync = (path, options) => {
  if (String(path).includes("/v4/")) reach("rmSync")
  rmSync(path, options)
}
syncBuiltinESMExports()
