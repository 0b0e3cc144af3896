"""What readers see of the statistical reports: which there are, and how far each has come."""

from collections.abc import Iterator

from domain.aggregate import Aggregate
from domain.reporting.reports import PublishedReports
from projections.rows import Row


def published_reports(matter: Aggregate, _: int) -> Iterator[Row]:
    if not isinstance(matter, PublishedReports):
        return
    for number, file in matter.files.items():
        report, prepared, published = file.report, file.prepared, file.published
        submitted, reviewed = file.submitted, file.approved or file.sent_back
        yield (
            matter.id,
            number,
            report.title,
            report.definitions,
            report.region,
            report.since,
            report.until,
            report.organ_kind.value if report.organ_kind else None,
            report.boundaries,
            bool(report.by),
            report.position,
            len(report.cells),
            report.digest,
            file.stage.value,
            prepared.envelope.by.id,
            prepared.on,
            file.returned.explanation if file.returned else None,
            published.envelope.by.id if published else None,
            published.on if published else None,
            published.envelope.authority if published else None,
            submitted.envelope.by.id if submitted else None,
            submitted.on if submitted else None,
            submitted.to.id if submitted else None,
            submitted.to.unit if submitted else None,
            reviewed.envelope.by.id if reviewed else None,
            reviewed.on if reviewed else None,
            file.sent_back.explanation if file.sent_back else None,
        )
