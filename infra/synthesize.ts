// Makes the template, for the CLI and for whoever wants it in-process.
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { CURRENTLY_RECOMMENDED_FLAGS, STRICT_CFN_VALIDATE_ERRORS } from 'aws-cdk-lib/cx-api';
import { BellhopStack } from './stack.ts';

export interface SynthesizeOptions {
  /** Where the cloud assembly goes: the template, and the functions as `asset.<hash>`. By default where the CLI says. */
  readonly outDirectory?: string;
  /** The folder that `bundleFunctions` filled. */
  readonly bundleDirectory: string;
  /** Whether CloudFormation's rules are checked as well, which takes several seconds. What they find is printed. */
  readonly validate?: boolean;
}

export interface Synthesized {
  readonly assemblyDirectory: string;
  readonly template: object;
}

/** Synthesizes the stack without account, network or Docker. Prints nothing unless it validates. */
export function synthesize({ outDirectory, bundleDirectory, validate = false }: SynthesizeOptions): Synthesized {
  const app = new App({
    ...(outDirectory === undefined ? {} : { outdir: outDirectory }),
    // Here and not in cdk.json, so that the template is the same whoever asks for it.
    context: { ...CURRENTLY_RECOMMENDED_FLAGS, [STRICT_CFN_VALIDATE_ERRORS]: true },
    builtinCloudFormationValidation: validate,
    autoSynth: false,
    analyticsReporting: false,
    treeMetadata: false,
  });
  const stack = new BellhopStack(app, 'Bellhop', { bundleDirectory });
  const assembly = app.synth();
  const templateFile = assembly.getStackArtifact(stack.artifactId).templateFullPath;
  const template = JSON.parse(readFileSync(templateFile, 'utf8')) as object;
  return { assemblyDirectory: assembly.directory, template };
}
