"""影响期台账: how long what was imposed on one person keeps its effects, and the 复函组织部门."""
