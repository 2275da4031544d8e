package table

// undated is the partition of articles without a date of publication, by the
// name under which Hive's readers take it for null.
const undated = "__HIVE_DEFAULT_PARTITION__"
