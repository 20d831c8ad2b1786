/** The data types of header entries. Source: RPM file format, header structure. */
export const TagType = {
  char: 1,
  int8: 2,
  int16: 3,
  int32: 4,
  int64: 5,
  string: 6,
  bin: 7,
  stringArray: 8,
  i18nString: 9
} as const

/** True for the three types whose data are NUL-terminated strings. */
export const isStringType = (type: number): boolean =>
  type === TagType.string || type === TagType.stringArray || type === TagType.i18nString

/**
 * Whether a main header may hold this tag with this type: rpm 4.15 and newer refuse a known tag of another type, but
 * take any of the three string types for one another. Tags that rpm 4.18 does not know pass.
 */
export const isTypeAllowed = (tag: number, type: number): boolean => {
  const expected = EXPECTED.get(tag)
  return expected === undefined || expected === type || (isStringType(expected) && isStringType(type))
}

const EXPECTED: ReadonlyMap<number, number> = new Map(
  (
    [
      [TagType.char, "1029"],
      [TagType.int16, "1030 1033"],
      [
        TagType.int32,
        "257 277 1003 1006 1008 1009 1028 1034 1037 1045 1046 1048 1051-1053 1068 1069 1080 1095 1096 1106 1112 1114 " +
          "1116 1119 1127-1129 1134 1140 1141 1143-1145 1158 1161 1195 5011 5017-5027 5032 5033 5037 5045 5048 5051 5054 " +
          "5057 5068 5070 5072 5078 5080 5082 5084 5085 5091 5093"
      ],
      [TagType.int64, "270 271 5008 5009"],
      [
        TagType.string,
        "100 266 269 273 276 1000-1002 1004 1005 1007 1010 1011 1014-1016 1018-1027 1035 1036 1039 1040 1044 1047 " +
          "1049 1050 1054 1055 1059-1062 1064-1067 1079 1081 1082 1085-1092 1094 1097-1099 1113 1115 1117 1118 1120-1126 " +
          "1132 1133 1135 1142 1147-1157 1159 1160 1196 5000-5002 5005-5007 5010 5012-5016 5030 5031 5034-5036 5040-5044 " +
          "5046 5047 5049 5050 5052 5053 5055 5056 5058-5062 5066 5067 5069 5071 5076 5077 5079 5081 5086-5090 5092 " +
          "5096-5101"
      ],
      [TagType.bin, "259 261 262 267 268 1012 1013 1043 1146"]
    ] satisfies ReadonlyArray<readonly [number, string]>
  ).flatMap(([type, ranges]) => tagsIn(ranges).map((tag) => [tag, type] as const))
)

function tagsIn(ranges: string): ReadonlyArray<number> {
  return ranges.split(" ").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}
