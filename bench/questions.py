"""The questions of the benchmark, each in four languages with the same first row.

`$P`, `$Q`, `$R` are frequent predicates; `$S` the commonest subject, `$U` a subject of few facts, `$O`
the commonest object beside `$S`, `$Z` an object of few facts; `$I` the commonest time as written, `$D` a
day, `$W` a longer window, `$UNIT` what is grouped by, `$SPAN` a length of time. bench/data.py chooses
them from the data; each store writes them in its own language. In SPARQL a day and a window are the list
of the times in them, and `$T(?t)` is a time as a value; in Cypher and SQL `$W0` and `$W1` are the first
and last moments of the window, `$D0` and `$D1` of the day. `f` is SQL's table of facts.

A text of None says that the language has no way to ask it.
"""

from typing import NamedTuple, Optional


class Question(NamedTuple):
    kind: str
    what: str
    annals: str
    sparql: Optional[str]
    cypher: Optional[str]
    sql: Optional[str]


QUESTIONS = [
    # Look-ups
    Question("look-up", "a subject and predicate",
             "find count(*) where ($S, $P, ?o, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { $S $P ?o } }",
             "MATCH (:Entity {name: $S})-[:$P]->(:Entity) RETURN count(*)",
             "SELECT count(*) FROM f WHERE s = $S AND p = $P"),
    Question("look-up", "a predicate and object",
             "find count(*) where (?s, $P, $O, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?s $P $O } }",
             "MATCH (:Entity)-[:$P]->(:Entity {name: $O}) RETURN count(*)",
             "SELECT count(*) FROM f WHERE o = $O AND p = $P"),
    Question("look-up", "all of a busy subject",
             "find count(*) where ($S, ?p, ?o, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { $S ?p ?o } }",
             "MATCH (:Entity {name: $S})-[r]->(:Entity) RETURN count(*)",
             "SELECT count(*) FROM f WHERE s = $S"),
    Question("look-up", "all of an ordinary subject",
             "find count(*) where ($U, ?p, ?o, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { $U ?p ?o } }",
             "MATCH (:Entity {name: $U})-[r]->(:Entity) RETURN count(*)",
             "SELECT count(*) FROM f WHERE s = $U"),
    Question("look-up", "between two entities",
             "find count(*) where ($S, ?p, $O, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { $S ?p $O } }",
             "MATCH (:Entity {name: $S})-[r]->(:Entity {name: $O}) RETURN count(*)",
             "SELECT count(*) FROM f WHERE s = $S AND o = $O"),
    Question("look-up", "last time of an ordinary subject",
             "find max(?t) where ($U, ?p, ?o, ?t);",
             "SELECT (MAX(STR(?t)) AS ?last) { GRAPH ?t { $U ?p ?o } }",
             "MATCH (:Entity {name: $U})-[r]->(:Entity) RETURN max(r.t)",
             "SELECT max(t) FROM f WHERE s = $U"),
    # Scans
    Question("scan", "a predicate",
             "find count(*) where (?s, $P, ?o, ?t) and ?s != ?o;",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?s $P ?o } FILTER(?s != ?o) }",
             "MATCH (a:Entity)-[:$P]->(b:Entity) WHERE a.name <> b.name RETURN count(*)",
             "SELECT count(*) FROM f WHERE p = $P AND s <> o"),
    Question("scan", "all facts",
             "find count(*) where (?s, ?p, ?o, ?t) and ?s != ?o;",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?s ?p ?o } FILTER(?s != ?o) }",
             "MATCH (a:Entity)-[r]->(b:Entity) WHERE a.name <> b.name RETURN count(*)",
             "SELECT count(*) FROM f WHERE s <> o"),
    Question("scan", "distinct objects of a predicate",
             "find count(distinct ?o) where (?s, $P, ?o, ?t);",
             "SELECT (COUNT(DISTINCT ?o) AS ?n) { GRAPH ?t { ?s $P ?o } }",
             "MATCH (:Entity)-[:$P]->(b:Entity) RETURN count(DISTINCT b)",
             "SELECT count(DISTINCT o) FROM f WHERE p = $P"),
    Question("scan", "distinct subjects of all",
             "find count(distinct ?s) where (?s, ?p, ?o, ?t);",
             "SELECT (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?t { ?s ?p ?o } }",
             "MATCH (a:Entity)-[r]->(:Entity) RETURN count(DISTINCT a)",
             "SELECT count(DISTINCT s) FROM f"),
    # Time windows
    Question("window", "a predicate at one time",
             "find count(*) where (?s, $P, ?o, $I);",
             "SELECT (COUNT(*) AS ?n) { GRAPH $I { ?s $P ?o } }",
             "MATCH (:Entity)-[r:$P]->(:Entity) WHERE r.t = $I RETURN count(*)",
             "SELECT count(*) FROM f WHERE p = $P AND t = $I"),
    Question("window", "a predicate in a window",
             "find count(*) where (?s, $P, ?o, ?t) and ?t in $W;",
             "SELECT (COUNT(*) AS ?n) { VALUES ?t { $W } GRAPH ?t { ?s $P ?o } }",
             "MATCH (:Entity)-[r:$P]->(:Entity) WHERE r.t >= $W0 AND r.t <= $W1 RETURN count(*)",
             "SELECT count(*) FROM f WHERE p = $P AND t BETWEEN $W0 AND $W1"),
    Question("window", "everything in a day",
             "find count(*) where (?s, ?p, ?o, ?t) and ?t in $D;",
             "SELECT (COUNT(*) AS ?n) { VALUES ?t { $D } GRAPH ?t { ?s ?p ?o } }",
             "MATCH (:Entity)-[r]->(:Entity) WHERE r.t >= $D0 AND r.t <= $D1 RETURN count(*)",
             "SELECT count(*) FROM f WHERE t BETWEEN $D0 AND $D1"),
    Question("window", "a subject in a window",
             "find count(*) where ($S, ?p, ?o, ?t) and ?t in $W;",
             "SELECT (COUNT(*) AS ?n) { VALUES ?t { $W } GRAPH ?t { $S ?p ?o } }",
             "MATCH (:Entity {name: $S})-[r]->(:Entity) WHERE r.t >= $W0 AND r.t <= $W1 "
             "RETURN count(*)",
             "SELECT count(*) FROM f WHERE s = $S AND t BETWEEN $W0 AND $W1"),
    Question("window", "who did it before the window",
             "find count(distinct ?s) where (?s, $P, ?o, ?t) and ?t before $W;",
             "SELECT (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?t { ?s $P ?o } "
             "FILTER(STR(?t) < STR($W0)) }",
             "MATCH (a:Entity)-[r:$P]->(:Entity) WHERE r.t < $W0 RETURN count(DISTINCT a)",
             "SELECT count(DISTINCT s) FROM f WHERE p = $P AND t < $W0"),
    # Stars
    Question("star", "of two",
             "find count(*) where (?a, $P, ?b, ?t) and (?a, $Q, ?c, ?u);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b } GRAPH ?u { ?a $Q ?c } }",
             "MATCH (b:Entity)<-[:$P]-(a:Entity)-[:$Q]->(c:Entity) RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.s = y.s WHERE x.p = $P AND y.p = $Q"),
    Question("star", "of three, one object given",
             "find count(*) where (?a, $P, $O, ?t) and (?a, $Q, ?b, ?u) and (?a, $R, ?c, ?v);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P $O } GRAPH ?u { ?a $Q ?b } "
             "GRAPH ?v { ?a $R ?c } }",
             "MATCH (:Entity {name: $O})<-[:$P]-(a:Entity)-[:$Q]->(:Entity), "
             "(a)-[:$R]->(:Entity) RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.s = y.s JOIN f z ON x.s = z.s "
             "WHERE x.p = $P AND x.o = $O AND y.p = $Q AND z.p = $R"),
    Question("star", "of three at the same time",
             "find count(*) where (?a, $P, ?b, ?t) and (?a, $Q, ?c, ?t) and (?a, $R, ?d, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b . ?a $Q ?c . ?a $R ?d } }",
             "MATCH (a:Entity)-[x:$P]->(:Entity), (a)-[y:$Q]->(:Entity), (a)-[z:$R]->(:Entity) "
             "WHERE x.t = y.t AND y.t = z.t RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.s = y.s AND x.t = y.t "
             "JOIN f z ON x.s = z.s AND x.t = z.t WHERE x.p = $P AND y.p = $Q AND z.p = $R"),
    Question("star", "who did all three",
             "find count(distinct ?a) where (?a, $P, ?b) and (?a, $Q, ?c) and (?a, $R, ?d);",
             "SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?a { GRAPH ?t { ?a $P ?b } } } "
             "{ SELECT DISTINCT ?a { GRAPH ?u { ?a $Q ?c } } } "
             "{ SELECT DISTINCT ?a { GRAPH ?v { ?a $R ?d } } } }",
             "MATCH (a:Entity) WHERE EXISTS { MATCH (a)-[:$P]->(:Entity) } "
             "AND EXISTS { MATCH (a)-[:$Q]->(:Entity) } "
             "AND EXISTS { MATCH (a)-[:$R]->(:Entity) } RETURN count(*)",
             "SELECT count(*) FROM (SELECT s FROM f WHERE p = $P "
             "INTERSECT SELECT s FROM f WHERE p = $Q INTERSECT SELECT s FROM f WHERE p = $R)"),
    # Chains
    Question("chain", "of two",
             "find count(*) where (?a, $P, ?b, ?t) and (?b, $Q, ?c, ?u);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b } GRAPH ?u { ?b $Q ?c } }",
             "MATCH (:Entity)-[:$P]->(:Entity)-[:$Q]->(:Entity) RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.o = y.s WHERE x.p = $P AND y.p = $Q"),
    Question("chain", "of two at the same time",
             "find count(*) where (?a, $P, ?b, ?t) and (?b, $Q, ?c, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b . ?b $Q ?c } }",
             "MATCH (:Entity)-[x:$P]->(:Entity)-[y:$Q]->(:Entity) WHERE x.t = y.t "
             "RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.o = y.s AND x.t = y.t "
             "WHERE x.p = $P AND y.p = $Q"),
    Question("chain", "of three from an ordinary subject",
             "find count(*) where ($U, ?p, ?b, ?t) and (?b, $P, ?c, ?u) and (?c, $Q, ?d, ?v);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { $U ?p ?b } GRAPH ?u { ?b $P ?c } "
             "GRAPH ?v { ?c $Q ?d } }",
             "MATCH (:Entity {name: $U})-[r]->(:Entity)-[:$P]->(:Entity)-[:$Q]->(:Entity) "
             "RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.o = y.s JOIN f z ON y.o = z.s "
             "WHERE x.s = $U AND y.p = $P AND z.p = $Q"),
    # Cycles
    Question("cycle", "both ways at the same time",
             "find count(*) where (?a, $P, ?b, ?t) and (?b, $P, ?a, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b . ?b $P ?a } }",
             "MATCH (a:Entity)-[x:$P]->(b:Entity)-[y:$P]->(a) WHERE x.t = y.t RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.o = y.s AND y.o = x.s AND x.t = y.t "
             "WHERE x.p = $P AND y.p = $P"),
    Question("cycle", "triangle",
             "find count(*) where (?a, $P, ?b) and (?b, $P, ?c) and (?c, $P, ?a);",
             "SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?a ?b { GRAPH ?t { ?a $P ?b } } } "
             "{ SELECT DISTINCT ?b ?c { GRAPH ?u { ?b $P ?c } } } "
             "{ SELECT DISTINCT ?c ?a { GRAPH ?v { ?c $P ?a } } } }",
             "MATCH (a:Entity)-[:$P]->(b:Entity) WITH DISTINCT a, b MATCH (b)-[:$P]->(c:Entity) "
             "WITH DISTINCT a, b, c MATCH (c)-[:$P]->(a) WITH DISTINCT a, b, c RETURN count(*)",
             "WITH e AS MATERIALIZED (SELECT DISTINCT s, o FROM f WHERE p = $P) "
             "SELECT count(*) FROM e x JOIN e y ON x.o = y.s JOIN e z ON y.o = z.s AND z.o = x.s"),
    Question("cycle", "triangle of three predicates",
             "find count(*) where (?a, $P, ?b) and (?b, $Q, ?c) and (?c, $R, ?a);",
             "SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?a ?b { GRAPH ?t { ?a $P ?b } } } "
             "{ SELECT DISTINCT ?b ?c { GRAPH ?u { ?b $Q ?c } } } "
             "{ SELECT DISTINCT ?c ?a { GRAPH ?v { ?c $R ?a } } } }",
             "MATCH (a:Entity)-[:$P]->(b:Entity) WITH DISTINCT a, b MATCH (b)-[:$Q]->(c:Entity) "
             "WITH DISTINCT a, b, c MATCH (c)-[:$R]->(a) WITH DISTINCT a, b, c RETURN count(*)",
             "WITH d AS MATERIALIZED (SELECT DISTINCT s, o FROM f WHERE p = $P), "
             "e AS MATERIALIZED (SELECT DISTINCT s, o FROM f WHERE p = $Q), "
             "g AS MATERIALIZED (SELECT DISTINCT s, o FROM f WHERE p = $R) "
             "SELECT count(*) FROM d JOIN e ON d.o = e.s JOIN g ON e.o = g.s AND g.o = d.s"),
    Question("cycle", "triangle at the same time",
             "find count(*) where (?a, $P, ?b, ?t) and (?b, $P, ?c, ?t) and (?c, $P, ?a, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b . ?b $P ?c . ?c $P ?a } }",
             "MATCH (a:Entity)-[x:$P]->(b:Entity)-[y:$P]->(c:Entity)-[z:$P]->(a) "
             "WHERE x.t = y.t AND y.t = z.t RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.o = y.s AND x.t = y.t "
             "JOIN f z ON y.o = z.s AND z.o = x.s AND z.t = x.t "
             "WHERE x.p = $P AND y.p = $P AND z.p = $P"),
    # Negation
    Question("negation", "who never did the other",
             "find count(*) where (?a, $P, ?b, ?t) and not (?a, $Q, ?x);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b } "
             "FILTER NOT EXISTS { GRAPH ?u { ?a $Q ?x } } }",
             "MATCH (a:Entity)-[:$P]->(:Entity) WHERE NOT EXISTS { MATCH (a)-[:$Q]->(:Entity) } "
             "RETURN count(*)",
             "SELECT count(*) FROM f x WHERE x.p = $P AND NOT EXISTS "
             "(SELECT 1 FROM f y WHERE y.p = $Q AND y.s = x.s)"),
    Question("negation", "not answered at the same time",
             "find count(*) where (?a, $P, ?b, ?t) and not (?b, $Q, ?a, ?t);",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b } "
             "FILTER NOT EXISTS { GRAPH ?t { ?b $Q ?a } } }",
             "MATCH (a:Entity)-[x:$P]->(b:Entity) WHERE NOT EXISTS "
             "{ MATCH (b)-[y:$Q]->(a) WHERE y.t = x.t } RETURN count(*)",
             "SELECT count(*) FROM f x WHERE x.p = $P AND NOT EXISTS "
             "(SELECT 1 FROM f y WHERE y.p = $Q AND y.s = x.o AND y.o = x.s AND y.t = x.t)"),
    Question("negation", "the first time of each pair",
             "find count(*) where (?a, $P, ?b, ?t) and not { (?a, $P, ?b, ?u) and ?u before ?t };",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b } "
             "FILTER NOT EXISTS { GRAPH ?u { ?a $P ?b } FILTER(STR(?u) < STR(?t)) } }",
             "MATCH (a:Entity)-[x:$P]->(b:Entity) WHERE NOT EXISTS "
             "{ MATCH (a)-[y:$P]->(b) WHERE y.t < x.t } RETURN count(*)",
             "SELECT count(*) FROM f x WHERE x.p = $P AND NOT EXISTS "
             "(SELECT 1 FROM f y WHERE y.p = $P AND y.s = x.s AND y.o = x.o AND y.t < x.t)"),
    # Optional
    Question("optional", "an answer at the same time",
             "find count(*), count(?c) where (?a, $P, ?b, ?t) and optional (?b, $Q, ?c, ?t);",
             "SELECT (COUNT(*) AS ?n) (COUNT(?c) AS ?m) { GRAPH ?t { ?a $P ?b } "
             "OPTIONAL { GRAPH ?t { ?b $Q ?c } } }",
             "MATCH (a:Entity)-[x:$P]->(b:Entity) OPTIONAL MATCH (b)-[y:$Q]->(c:Entity) "
             "WHERE y.t = x.t RETURN count(*), count(c.name)",
             "SELECT count(*), count(y.o) FROM f x LEFT JOIN f y "
             "ON y.p = $Q AND y.s = x.o AND y.t = x.t WHERE x.p = $P"),
    Question("optional", "more of those beside an object",
             "find count(*), count(?c) where (?a, $P, $O, ?t) and optional (?a, $R, ?c, ?u);",
             "SELECT (COUNT(*) AS ?n) (COUNT(?c) AS ?m) { GRAPH ?t { ?a $P $O } "
             "OPTIONAL { GRAPH ?u { ?a $R ?c } } }",
             "MATCH (a:Entity)-[:$P]->(:Entity {name: $O}) "
             "OPTIONAL MATCH (a)-[:$R]->(c:Entity) RETURN count(*), count(c.name)",
             "SELECT count(*), count(y.o) FROM f x LEFT JOIN f y ON y.p = $R AND y.s = x.s "
             "WHERE x.p = $P AND x.o = $O"),
    # Before and after
    Question("order", "answered afterwards",
             "find count(*) where (?a, $P, ?b, ?t) and (?b, $Q, ?a, ?u) and ?u after ?t;",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b } GRAPH ?u { ?b $Q ?a } "
             "FILTER(STR(?u) > STR(?t)) }",
             "MATCH (a:Entity)-[x:$P]->(b:Entity)-[y:$Q]->(a) WHERE y.t > x.t RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.o = y.s AND x.s = y.o "
             "WHERE x.p = $P AND y.p = $Q AND y.t > x.t"),
    Question("order", "answered within a span",
             "find count(*) where (?a, $P, ?b, ?t) and (?b, $Q, ?a, ?u) and ?u after ?t "
             "and ?u - ?t <= $SPAN;",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { ?a $P ?b } GRAPH ?u { ?b $Q ?a } "
             "FILTER(STR(?u) > STR(?t)) FILTER($T(?u) - $T(?t) <= $SPAN) }",
             "MATCH (a:Entity)-[x:$P]->(b:Entity)-[y:$Q]->(a) "
             "WHERE y.t > x.t AND y.t <= x.t + $SPAN RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.o = y.s AND x.s = y.o "
             "WHERE x.p = $P AND y.p = $Q AND y.t > x.t AND y.t <= x.t + $SPAN"),
    Question("order", "a chain from a busy subject in time order",
             "find count(*) where ($S, $P, ?b, ?t) and (?b, $P, ?c, ?u) and ?t before ?u;",
             "SELECT (COUNT(*) AS ?n) { GRAPH ?t { $S $P ?b } GRAPH ?u { ?b $P ?c } "
             "FILTER(STR(?t) < STR(?u)) }",
             "MATCH (:Entity {name: $S})-[x:$P]->(:Entity)-[y:$P]->(:Entity) "
             "WHERE x.t < y.t RETURN count(*)",
             "SELECT count(*) FROM f x JOIN f y ON x.o = y.s "
             "WHERE x.s = $S AND x.p = $P AND y.p = $P AND x.t < y.t"),
    # Groups by time
    Question("group", "a predicate by month or day, the fullest",
             "find trunc(?t, $UNIT) as m, count(*) as n where (?s, $P, ?o, ?t) "
             "order by n desc, m limit 1;",
             "SELECT ?m (COUNT(*) AS ?n) { GRAPH ?t { ?s $P ?o } BIND($UNIT(?t) AS ?m) } "
             "GROUP BY ?m ORDER BY DESC(?n) ?m LIMIT 1",
             "MATCH (:Entity)-[r:$P]->(:Entity) WITH date_trunc($UNIT, r.t) AS m, count(*) AS n "
             "ORDER BY n DESC, m LIMIT 1 RETURN substring(CAST(m AS STRING), 1, $WIDTH), n",
             "SELECT left(CAST(m AS VARCHAR), $WIDTH), n FROM (SELECT date_trunc($UNIT, t) AS m, "
             "count(*) AS n FROM f WHERE p = $P GROUP BY m ORDER BY n DESC, m LIMIT 1)"),
    Question("group", "everything by month or day, the fullest",
             "find trunc(?t, $UNIT) as m, count(*) as n where (?s, ?p, ?o, ?t) "
             "order by n desc, m limit 1;",
             "SELECT ?m (COUNT(*) AS ?n) { GRAPH ?t { ?s ?p ?o } BIND($UNIT(?t) AS ?m) } "
             "GROUP BY ?m ORDER BY DESC(?n) ?m LIMIT 1",
             "MATCH (:Entity)-[r]->(:Entity) WITH date_trunc($UNIT, r.t) AS m, count(*) AS n "
             "ORDER BY n DESC, m LIMIT 1 RETURN substring(CAST(m AS STRING), 1, $WIDTH), n",
             "SELECT left(CAST(m AS VARCHAR), $WIDTH), n FROM (SELECT date_trunc($UNIT, t) AS m, "
             "count(*) AS n FROM f GROUP BY m ORDER BY n DESC, m LIMIT 1)"),
    Question("group", "subjects by month or day, the most",
             "find trunc(?t, $UNIT) as m, count(distinct ?s) as n where (?s, $P, ?o, ?t) "
             "order by n desc, m limit 1;",
             "SELECT ?m (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?t { ?s $P ?o } "
             "BIND($UNIT(?t) AS ?m) } GROUP BY ?m ORDER BY DESC(?n) ?m LIMIT 1",
             "MATCH (a:Entity)-[r:$P]->(:Entity) WITH date_trunc($UNIT, r.t) AS m, "
             "count(DISTINCT a) AS n ORDER BY n DESC, m LIMIT 1 "
             "RETURN substring(CAST(m AS STRING), 1, $WIDTH), n",
             "SELECT left(CAST(m AS VARCHAR), $WIDTH), n FROM (SELECT date_trunc($UNIT, t) AS m, "
             "count(DISTINCT s) AS n FROM f WHERE p = $P GROUP BY m ORDER BY n DESC, m LIMIT 1)"),
    # Top k
    Question("top", "predicates",
             "find ?p, count(*) as n where (?s, ?p, ?o, ?t) order by n desc, ?p limit 10;",
             "SELECT ?p (COUNT(*) AS ?n) { GRAPH ?t { ?s ?p ?o } } GROUP BY ?p "
             "ORDER BY DESC(?n) ?p LIMIT 10",
             "MATCH (:Entity)-[r]->(:Entity) RETURN r.p AS p, count(*) AS n "
             "ORDER BY n DESC, p LIMIT 10",
             "SELECT CAST(p AS VARCHAR), n FROM (SELECT p, count(*) AS n FROM f GROUP BY p) "
             "ORDER BY n DESC, 1 LIMIT 10"),
    Question("top", "subjects of a predicate",
             "find ?s, count(*) as n where (?s, $P, ?o, ?t) order by n desc, ?s limit 10;",
             "SELECT ?s (COUNT(*) AS ?n) { GRAPH ?t { ?s $P ?o } } GROUP BY ?s "
             "ORDER BY DESC(?n) ?s LIMIT 10",
             "MATCH (a:Entity)-[:$P]->(:Entity) WITH a, count(*) AS n "
             "RETURN a.name AS name, n ORDER BY n DESC, name LIMIT 10",
             "SELECT CAST(s AS VARCHAR), n FROM (SELECT s, count(*) AS n FROM f WHERE p = $P "
             "GROUP BY s) ORDER BY n DESC, 1 LIMIT 10"),
    Question("top", "pairs of all",
             "find ?s, ?o, count(*) as n where (?s, ?p, ?o, ?t) order by n desc, ?s, ?o limit 10;",
             "SELECT ?s ?o (COUNT(*) AS ?n) { GRAPH ?t { ?s ?p ?o } } GROUP BY ?s ?o "
             "ORDER BY DESC(?n) ?s ?o LIMIT 10",
             "MATCH (a:Entity)-[r]->(b:Entity) WITH a, b, count(*) AS n "
             "RETURN a.name AS s, b.name AS o, n ORDER BY n DESC, s, o LIMIT 10",
             "SELECT CAST(s AS VARCHAR), CAST(o AS VARCHAR), n FROM (SELECT s, o, count(*) AS n "
             "FROM f GROUP BY s, o) ORDER BY n DESC, 1, 2 LIMIT 10"),
    Question("top", "partners of a busy subject by kinds of event",
             "find ?o, count(distinct ?p) as n where ($S, ?p, ?o, ?t) "
             "order by n desc, ?o limit 10;",
             "SELECT ?o (COUNT(DISTINCT ?p) AS ?n) { GRAPH ?t { $S ?p ?o } } GROUP BY ?o "
             "ORDER BY DESC(?n) ?o LIMIT 10",
             "MATCH (:Entity {name: $S})-[r]->(b:Entity) WITH b, count(DISTINCT r.p) AS n "
             "RETURN b.name AS o, n ORDER BY n DESC, o LIMIT 10",
             "SELECT CAST(o AS VARCHAR), n FROM (SELECT o, count(DISTINCT p) AS n FROM f "
             "WHERE s = $S GROUP BY o) ORDER BY n DESC, 1 LIMIT 10"),
    # Paths
    Question("path", "one or more steps",
             "find count(*) where ($S, $P+, ?x) and ?x != $S;",
             "SELECT (COUNT(DISTINCT ?x) AS ?n) { $S $P+ ?x FILTER(?x != $S) }",
             "MATCH (a:Entity {name: $S})-[:$P* SHORTEST 1..30]->(x:Entity) WHERE x.name <> $S "
             "RETURN count(DISTINCT x)",
             "WITH RECURSIVE e AS MATERIALIZED (SELECT DISTINCT s, o FROM f WHERE p = $P), "
             "r(x) AS (SELECT o FROM e WHERE s = $S UNION SELECT o FROM r JOIN e ON s = x) "
             "SELECT count(*) FROM r WHERE x <> $S"),
    Question("path", "either of two, one or more steps",
             "find count(*) where ($S, ($Q|$R)+, ?x) and ?x != $S;",
             "SELECT (COUNT(DISTINCT ?x) AS ?n) { $S ($Q|$R)+ ?x FILTER(?x != $S) }",
             "MATCH (a:Entity {name: $S})-[:$Q|:$R* SHORTEST 1..30]->(x:Entity) "
             "WHERE x.name <> $S RETURN count(DISTINCT x)",
             "WITH RECURSIVE e AS MATERIALIZED (SELECT DISTINCT s, o FROM f WHERE p IN ($Q, $R)), "
             "r(x) AS (SELECT o FROM e WHERE s = $S UNION SELECT o FROM r JOIN e ON s = x) "
             "SELECT count(*) FROM r WHERE x <> $S"),
    Question("path", "backwards to an object",
             "find count(*) where (?x, $R+, $Z) and ?x != $Z;",
             "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x $R+ $Z FILTER(?x != $Z) }",
             "MATCH (x:Entity)-[:$R* SHORTEST 1..30]->(z:Entity {name: $Z}) WHERE x.name <> $Z "
             "RETURN count(DISTINCT x)",
             "WITH RECURSIVE e AS MATERIALIZED (SELECT DISTINCT s, o FROM f WHERE p = $R), "
             "r(x) AS (SELECT s FROM e WHERE o = $Z UNION SELECT s FROM r JOIN e ON o = x) "
             "SELECT count(*) FROM r WHERE x <> $Z"),
    Question("path", "a sequence of three",
             "find count(*) where ($S, $P/$Q/$R, ?x);",
             "SELECT (COUNT(DISTINCT ?x) AS ?n) { { SELECT DISTINCT ?c { "
             "{ SELECT DISTINCT ?b { GRAPH ?t { $S $P ?b } } } GRAPH ?u { ?b $Q ?c } } } "
             "GRAPH ?v { ?c $R ?x } }",
             "MATCH (:Entity {name: $S})-[:$P]->(b:Entity) WITH DISTINCT b "
             "MATCH (b)-[:$Q]->(c:Entity) WITH DISTINCT c "
             "MATCH (c)-[:$R]->(x:Entity) RETURN count(DISTINCT x)",
             "SELECT count(DISTINCT o) FROM f WHERE p = $R AND s IN (SELECT o FROM f WHERE p = $Q "
             "AND s IN (SELECT o FROM f WHERE p = $P AND s = $S))"),
    Question("path", "one to three steps",
             "find count(*) where ($U, _{1,3}, ?x) and ?x != $U;",
             "SELECT (COUNT(DISTINCT ?x) AS ?n) "
             "{ { $U ?p1 ?x } UNION { $U ?p2 ?b . ?b ?p3 ?x } "
             "UNION { $U ?p4 ?c . ?c ?p5 ?d . ?d ?p6 ?x } FILTER(?x != $U) }",
             "MATCH (a:Entity {name: $U})-[* SHORTEST 1..3]->(x:Entity) WHERE x.name <> $U "
             "RETURN count(DISTINCT x)",
             "WITH RECURSIVE r(x, d) AS (SELECT DISTINCT o, 1 FROM f WHERE s = $U "
             "UNION SELECT o, d + 1 FROM r JOIN f ON s = x WHERE d < 3) "
             "SELECT count(DISTINCT x) FROM r WHERE x <> $U"),
    # Shortest
    Question("shortest", "between two",
             "find length(?path) where shortest ($S, $P+, $Z) as ?path;",
             None,
             "MATCH p = (:Entity {name: $S})-[:$P* SHORTEST 1..30]->(:Entity {name: $Z}) "
             "RETURN length(p)",
             "WITH RECURSIVE e AS MATERIALIZED (SELECT DISTINCT s, o FROM f WHERE p = $P), "
             "r(x, d) USING KEY (x) AS (SELECT o, 1 FROM e WHERE s = $S UNION "
             "SELECT DISTINCT e.o, r.d + 1 FROM r JOIN e ON e.s = r.x WHERE NOT EXISTS "
             "(SELECT 1 FROM recurring.r AS k WHERE k.x = e.o)) SELECT d FROM r WHERE x = $Z"),
    Question("shortest", "to everyone, the farthest",
             "find max(length(?path)) where shortest ($S, $P+, ?x) as ?path and ?x != $S;",
             None,
             "MATCH p = (:Entity {name: $S})-[:$P* SHORTEST 1..30]->(x:Entity) "
             "WHERE x.name <> $S RETURN max(length(p))",
             "WITH RECURSIVE e AS MATERIALIZED (SELECT DISTINCT s, o FROM f WHERE p = $P), "
             "r(x, d) USING KEY (x) AS (SELECT o, 1 FROM e WHERE s = $S UNION "
             "SELECT DISTINCT e.o, r.d + 1 FROM r JOIN e ON e.s = r.x WHERE NOT EXISTS "
             "(SELECT 1 FROM recurring.r AS k WHERE k.x = e.o)) "
             "SELECT max(d) FROM r WHERE x <> $S"),
]
