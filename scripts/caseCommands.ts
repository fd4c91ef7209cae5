import { type Case, type CaseVerb, type VerbName, verbNames } from '../pipelines/case.js'
import type { CommonOptions, RunContext } from '../pipelines/run/context.js'
import type { Command } from './command.js'

/** The frame of each verb, loaded when it runs. A plan is what the science of a case makes of what was asked. */
const frames: {
  readonly [V in VerbName]: () => Promise<
    (subject: string, plan: () => Promise<PlanOf<V>>, options: CommonOptions, context: RunContext) => Promise<unknown>
  >
} = {
  simulate: async () => (await import('../pipelines/verbs/simulate.js')).simulate,
  train: async () => (await import('../pipelines/verbs/train.js')).train,
  sample: async () => (await import('../pipelines/verbs/sample.js')).sample,
  infer: async () => (await import('../pipelines/verbs/infer.js')).infer,
  evaluate: async () => (await import('../pipelines/verbs/evaluate.js')).evaluate,
}

type PlanOf<V extends VerbName> = NonNullable<Case[V]> extends CaseVerb<infer Plan> ? Plan : never

/** A command for each verb that a case has. */
export function caseCommands(theCase: Case): Command[] {
  return verbNames.flatMap(verb => commandOf(theCase, verb))
}

function commandOf<V extends VerbName>({ name, description: about, ...verbs }: Case, verb: V): Command[] {
  const declared = verbs[verb] as CaseVerb<PlanOf<V>> | undefined
  if (declared === undefined) return []
  const { description, positionals, options, requires, load } = declared
  return [
    {
      subject: name,
      about,
      verb,
      description,
      positionals,
      options,
      requires,
      async run(options, context, positionals) {
        const [frame, science] = await Promise.all([frames[verb](), load()])
        await frame(name, () => science(options, context, positionals), options, context)
      },
    },
  ]
}
