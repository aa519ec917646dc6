"""Members of a trained ensemble as files that run without the library they were trained with."""

from tradewind.models.export.members import ExportedMember, export_member
from tradewind.models.export.nets import net_onnx, pruned
from tradewind.models.export.quantise import int8
from tradewind.models.export.trees import return_trees, trees_onnx

__all__ = ["ExportedMember", "export_member", "int8", "net_onnx", "pruned", "return_trees", "trees_onnx"]
