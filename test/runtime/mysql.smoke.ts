/** The driver for MySQL on each runtime: the tests are the same. */
import '../plugins/mysql-conformance.test.ts';
