"""What may be asked of a protection matter, in procedural order."""

from domain.aggregate import Act, Explained
from domain.people import Organ
from domain.protection.events import Addressee, Cause, RetaliationFinding
from domain.staged import OpenMatter
from domain.values import Several, Text


class OpenProtection(OpenMatter, name="open_protection", label="启动打击报复保护"):
    """For one subject; `facts` are what it says was done to it."""

    cause: Cause
    facts: Text


class RecordRetaliationFinding(
    Explained, name="record_retaliation_finding", label="登记打击报复查核结果"
):
    finding: RetaliationFinding


class RecommendProtection(Explained, name="recommend_protection", label="提出保护建议"):
    to: Addressee
    measures: Several


class TakeProtectionMeasure(Act, name="take_protection_measure", label="登记保护措施"):
    measure: Text
    taken_by: Organ


class ReportProtectionOutcome(Act, name="report_protection_outcome", label="报告保护结果"):
    to: Text
    summary: Text


class CloseProtection(Act, name="close_protection", label="了结打击报复保护"):
    pass
