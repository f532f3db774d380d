# Reads what tap prints, and prints of each failure where it is and what is said of it, without the source around it;
# and at the end all failures again, a line each. A subtest counts as a failure of its own only where nothing in it failed.

function show(text) {
  if (is_shown && ++shown <= 30) print (shown < 30 ? substr(text, 1, 300) : "…")
}

{
  match($0, /^ */)
  indent = RLENGTH
}

# What is said of an assertion, between `---` and `...`.
said_at > 0 {
  if (NF > 0 && indent == said_at) key = $1
  if ($1 == "fileName:") file = $2
  if ($1 == "lineNumber:") line = $2
  if (key == "..." && indent == said_at) {
    said_at = 0
    if (is_new) place[failures] = line == "" ? "" : file ":" line " "
    if (line != "") show("at " place[failures])
  } else if (key !~ /^(args|at|source):$/) show(substr($0, said_at + 1))
  next
}

$1 == "---" && is_failure && indent == failed_at + 2 {
  said_at = indent
  file = line = key = ""
}

{ is_failure = 0 }

$1 == "#" && $2 == "Subtest:" {
  name[indent] = substr($0, indent + 12)
  has_failed[indent] = 0
}

$1 == "not" && $2 == "ok" && !/ # (TODO|SKIP)/ {
  is_failure = 1
  failed_at = indent
  is_new = !(/ # time=/ && has_failed[indent])
  is_shown = is_new && failures < 10
  shown = 0
  show("")
  path = ""
  for (outer = 0; outer < indent; outer += 4) {
    has_failed[outer] = 1
    path = (name[outer] ~ /\.ts$/ ? "" : path) name[outer] " > "
  }
  if (is_new) title[++failures] = path substr($0, indent + 1)
  show(title[failures])
}

END {
  print ""
  for (i = 1; i <= failures && i <= 50; i++) print "failed: " substr(place[i] title[i], 1, 300)
  if (failures > 50) print "… and " failures - 50 " more"
}
