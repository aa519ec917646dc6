import type { Shapes } from "../../../api/client";
import { number } from "../../../parts/format";

export type Feature = Shapes["WhatIfFeature"];
export type Values = Readonly<Record<string, number>>;

/** What is changed: features set to values, and scenarios in words. */
export interface Changes {
  values: Values;
  scenarios: readonly string[];
}

/** Values as they stand in the address: `rsi_14:20,return_1:-0.05`. What is no number is passed over. */
export function readValues(text: string): Values {
  const found: Record<string, number> = {};
  for (const part of text.split(",")) {
    const at = part.lastIndexOf(":");
    const value = Number(part.slice(at + 1));
    if (at > 0 && part.length > at + 1 && Number.isFinite(value)) found[part.slice(0, at)] = value;
  }
  return found;
}

export function writeValues(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}:${Number(value.toPrecision(6))}`)
    .join(",");
}

export function readScenarios(text: string): string[] {
  return text.split("|").filter((one) => one !== "");
}

export function writeScenarios(scenarios: readonly string[]): string {
  return scenarios.join("|");
}

/** A raw value as the explanation prints it. */
export function shown(feature: Pick<Feature, "form">, value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "missing";
  const { scale, digits, signed, suffix } = feature.form;
  const scaled = value * scale;
  const text = digits === null ? significant(scaled) : number(scaled, digits);
  const zero = !/[1-9]/.test(text);
  const plain = (zero ? text.replace("-", "") : text).replace("-", "−");
  return `${signed && scaled > 0 && !zero ? "+" : ""}${plain}${suffix}`;
}

const three = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 });

function significant(value: number): string {
  return value === 0 ? "0" : three.format(value);
}

/** The ends of a slider: the range of training and a tenth beyond it on both sides, and where the value is. */
export function endsOf(feature: Feature): [number, number] {
  const beyond = (feature.high - feature.low) * 0.1;
  const low = Math.min(feature.low - beyond, feature.value ?? feature.low);
  const high = Math.max(feature.high + beyond, feature.value ?? feature.high);
  return [low, high];
}

/** Whether a value lies beyond what training saw: there the model reads the outer quantile itself. */
export function isBeyond(feature: Feature, value: number): boolean {
  return value < feature.low || value > feature.high;
}

const FIRST = 8;

/** The features that get a slider: those the forecast leans on most, those asked for, those that were moved. */
export function sliderFeatures(
  features: readonly Feature[],
  asked: readonly string[],
  moved: readonly string[],
): Feature[] {
  const wanted = new Set([...asked, ...moved]);
  return features.filter((one, i) => i < FIRST || wanted.has(one.name));
}
