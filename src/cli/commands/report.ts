import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { figureFile, reportPage } from '../../report/page.ts'
import { gatherReport } from '../gather-report.ts'
import { Progress } from '../progress.ts'

export interface ReportFlags {
  readonly out?: string
  readonly figures?: string
  readonly runs: string
  readonly json?: boolean
}

/** One HTML file for a campaign or a run, and its figures as SVG. */
export async function report(path: string, flags: ReportFlags): Promise<void> {
  const progress = new Progress()
  progress.status(`reading ${path}`)
  const data = await gatherReport(path, flags.runs)
  const { html, figures } = reportPage(data)
  const file = flags.out ?? `${data.title}-report.html`
  await writeFile(file, html)
  const files: string[] = []
  if (flags.figures !== undefined) {
    await mkdir(flags.figures, { recursive: true })
    for (const figure of figures) {
      const name = join(flags.figures, `${figure.name}.svg`)
      await writeFile(name, figureFile(figure))
      files.push(name)
    }
  }
  progress.end()
  if (flags.json) {
    const document = {
      format: 'joulespan.report',
      version: 1,
      report: file,
      figures: files,
      trials: data.results.length,
    }
    process.stdout.write(`${JSON.stringify(document)}\n`)
  } else process.stdout.write(`${[file, ...files].join('\n')}\n`)
}
