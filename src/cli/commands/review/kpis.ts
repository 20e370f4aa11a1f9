import type { Context } from "../../context.ts";
import type { CommandModule } from "../../definitions.ts";
import { argument } from "../../options.ts";
import { coreKpiLines, metricLines } from "../../output/review.ts";

/** `sentinel review kpis list`. */
export const list: CommandModule = {
  run: async (context, { args: [slug] }) => {
    const human = await context.human();
    const vocabulary = await human.vocabulary();
    const detail = slug === undefined ? null : await human.show(slug);
    const { core_kpis = [], generic_metrics = [] } = vocabulary;
    await context.output.result({
      json: { core_kpis, generic_metrics, metrics: detail?.metrics ?? null },
      pretty: (colour) =>
        [...coreKpiLines(vocabulary, colour), ...(detail === null ? [] : metricLines(detail, colour))]
          .join("\n")
          .trimStart(),
    });
    return 0;
  },
};

/** `sentinel review kpis map`. */
export const map: CommandModule = {
  run: (context, given) => decide(context, argument(given, 0), argument(given, 1), argument(given, 2)),
};

/** `sentinel review kpis unmap`. */
export const unmap: CommandModule = {
  run: (context, given) => decide(context, argument(given, 0), argument(given, 1), null),
};

async function decide(context: Context, slug: string, raw: string, coreKpi: string | null): Promise<0> {
  await (await context.human()).mapKpi(slug, raw, coreKpi);
  await context.output.result({
    json: { ok: true, provider_slug: slug, raw_metric_name: raw, core_kpi_slug: coreKpi },
    pretty: () =>
      coreKpi === null ? `${raw} of ${slug} leads nowhere now.` : `${raw} of ${slug} leads to ${coreKpi}.`,
  });
  return 0;
}
